/**
 * What only a sweep knows: volunteers that send something else than they trained, and such as train while they send. No run
 * may be asked for them.
 */
import { attackerCount, attackKinds } from '@murmur/core/rehearsal/attacks';
import { usageFailure } from '../cli/failure.ts';
import { checkSetting, type ServeOptions } from '../cli/resolveOptions.ts';
import { choice, fromText, number, type Setting } from '../cli/setting.ts';

export const SWEEP_SETTINGS = {
  attack: choice(['none', ...attackKinds], {
    group: 'training',
    fallback: 'none',
    description: 'what attackers send',
  }),
  attackers: number([0.01, 0.99], {
    group: 'training',
    fallback: 0.25,
    description: 'share of the volunteers that attack',
  }),
  overlap: number([0, 0.95], {
    group: 'training',
    fallback: 0,
    description: 'share of the inner steps that are done while the round before is exchanged',
  }),
};

export type SweepSettingName = keyof typeof SWEEP_SETTINGS;
export const SWEEP_NAMES = Object.keys(SWEEP_SETTINGS) as SweepSettingName[];
export const isSweepName = (name: string): name is SweepSettingName => Object.hasOwn(SWEEP_SETTINGS, name);

type Valued = {
  readonly [K in SweepSettingName]: (typeof SWEEP_SETTINGS)[K] extends Setting<infer T> ? T : never;
};
export type SweepOptions = ServeOptions & Valued;

/** Reads them from flags as `serve` reads its settings. Throws a usage failure. */
export function withSweepSettings(
  options: ServeOptions,
  flags: Readonly<Record<string, unknown>>,
): SweepOptions {
  const read = <T>(name: SweepSettingName, setting: Setting<T>): T => {
    const given = flags[name];
    if (given === undefined) return setting.fallback;
    return checkSetting(setting, typeof given === 'string' ? fromText(setting, given) : given, `--${name}`);
  };
  const attack = read('attack', SWEEP_SETTINGS.attack);
  const attackers = read('attackers', SWEEP_SETTINGS.attackers);
  const count = attackerCount({ share: attackers }, options.volunteers);
  if (attack !== 'none' && (count === 0 || count === options.volunteers))
    throw usageFailure(
      `--attackers ${attackers} makes ${count} of ${options.volunteers} volunteers attack: there must be at least one ` +
        'attacker and one honest volunteer, so give more --volunteers or another share.',
    );
  return { ...options, attack, attackers, overlap: read('overlap', SWEEP_SETTINGS.overlap) };
}
