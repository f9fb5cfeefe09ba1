/** What only a sweep knows: volunteers that send something else than they trained. No run may be asked for them. */
import { attackerCount, attackKinds } from '@murmur/core/rehearsal/attacks';
import { usageFailure } from '../cli/failure.ts';
import { checkSetting, type ServeOptions } from '../cli/resolveOptions.ts';
import { choice, fromText, number, type Setting } from '../cli/setting.ts';

export const ATTACK_SETTINGS = {
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
};

export type AttackSettingName = keyof typeof ATTACK_SETTINGS;
export const ATTACK_NAMES = Object.keys(ATTACK_SETTINGS) as AttackSettingName[];
export const isAttackName = (name: string): name is AttackSettingName => Object.hasOwn(ATTACK_SETTINGS, name);

type Valued = {
  readonly [K in AttackSettingName]: (typeof ATTACK_SETTINGS)[K] extends Setting<infer T> ? T : never;
};
export type SweepOptions = ServeOptions & Valued;

/** Reads both from flags as `serve` reads its settings. Throws a usage failure. */
export function withAttack(options: ServeOptions, flags: Readonly<Record<string, unknown>>): SweepOptions {
  const read = <T>(name: AttackSettingName, setting: Setting<T>): T => {
    const given = flags[name];
    if (given === undefined) return setting.fallback;
    return checkSetting(setting, typeof given === 'string' ? fromText(setting, given) : given, `--${name}`);
  };
  const attack = read('attack', ATTACK_SETTINGS.attack);
  const attackers = read('attackers', ATTACK_SETTINGS.attackers);
  const count = attackerCount({ share: attackers }, options.volunteers);
  if (attack !== 'none' && (count === 0 || count === options.volunteers))
    throw usageFailure(
      `--attackers ${attackers} makes ${count} of ${options.volunteers} volunteers attack: there must be at least one ` +
        'attacker and one honest volunteer, so give more --volunteers or another share.',
    );
  return { ...options, attack, attackers };
}
