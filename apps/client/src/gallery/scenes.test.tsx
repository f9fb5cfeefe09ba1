import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { actionsOf, PHASE_TEXT } from '../volunteer/phases.ts';
import { VOLUNTEER_FIXTURES } from '../volunteer/volunteer.fixture.ts';
import { SCENES } from './scenes.tsx';

/** What a person reads of a scene, tags and all spaces made plain. */
function textOf(name: string): string {
  const scene = SCENES.get(name);
  if (scene === undefined) throw new Error(`No scene is named ${name}.`);
  return renderToString(scene())
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('\u202f', ' ')
    .replace(/\s+/g, ' ');
}

const buttonsOf = (name: string): string[] =>
  [...renderToString(SCENES.get(name)!()).matchAll(/<button[^>]*>([^<]*)</g)].map((match) => match[1]!);

describe('the volunteer page', () => {
  const phases = Object.values(VOLUNTEER_FIXTURES).filter((view) => view.phase !== 'idle');

  it.each(phases.map((view) => [view.phase, view] as const))(
    '%s: sentence, next step and buttons',
    (phase, view) => {
      const text = textOf(`volunteer-${phase}`);
      expect(text).toContain(PHASE_TEXT[phase].title);
      expect(text).toContain(view.sentence || PHASE_TEXT[phase].sentence);
      expect(text).toContain(PHASE_TEXT[phase].next);
      expect(buttonsOf(`volunteer-${phase}`)).toEqual(actionsOf(phase).map((action) => action.label));
    },
  );

  it('tells about the run before anybody joins', () => {
    const text = textOf('volunteer-idle');
    for (const fact of ['glyphs', '20,000', '3 machines', '40 % of 60 rounds']) expect(text).toContain(fact);
    expect(buttonsOf('volunteer-idle')).toEqual(['Join']);
  });

  it('offers to try again when the coordinator does not answer', () => {
    expect(textOf('volunteer-unreachable')).toContain('does not answer');
    expect(buttonsOf('volunteer-unreachable')).toEqual(['Try again']);
  });

  it('says that a pause waits for the end of the round', () => {
    expect(textOf('volunteer-pausing')).toContain('finishes its round, then it rests');
    expect(buttonsOf('volunteer-pausing')).toEqual(['Resume', 'Leave']);
  });

  it('names others and how they are linked', () => {
    const text = textOf('volunteer-training');
    expect(text).toContain('Quiet starling you');
    expect(text).toContain('browser · exchanging · relayed');
  });
});

describe('the operator page', () => {
  it('asks for a token, and says why one was refused', () => {
    expect(textOf('operator-token')).toContain('Operator token');
    expect(textOf('operator-refused')).toContain('The operator token is missing or wrong.');
  });

  it('says what will appear while there is nothing', () => {
    const text = textOf('operator-empty');
    for (const hint of [
      'Nobody is here yet',
      'No round is over yet',
      'Let volunteers join, then press Start',
    ])
      expect(text).toContain(hint);
  });

  it('puts scores beside their baselines, or says why there are none', () => {
    expect(textOf('operator-busy')).toMatch(
      /Linear probe \d+\.\d %, untrained 31\.0 %, raw pixels 28\.4 %\./,
    );
    expect(textOf('operator-unlabelled')).toContain('has no labels');
  });

  it('explains an abandoned round', () => {
    expect(textOf('operator-busy')).toContain('Abandoned. No volunteer finished its training in time');
  });

  it('says how old its data is when the connection is lost', () => {
    expect(textOf('operator-failing')).toContain('Last data 23 s ago.');
  });

  it('tells where the export lies', () => {
    expect(textOf('operator-finished')).toContain(
      'Exported to .murmur/glyphs/export/round-60 on the coordinator.',
    );
  });
});
