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

  it('names of a crowd those with whom this machine works, and counts all', () => {
    const text = textOf('volunteer-crowd');
    expect(text).toContain('Who is here 1,000');
    expect(text).toContain('994 more work in other groups');
    expect(textOf('operator-crowd')).toContain('Laptop 3 and 20 more');
    expect(textOf('operator-crowd')).toContain('exchanging between groups');
  });

  it('speaks of masks only where something is masked', () => {
    expect(textOf('volunteer-training')).toContain('What the model imagines');
    const contrast = textOf('volunteer-contrast');
    expect(contrast).toContain('What the model compares');
    expect(contrast).toContain('which two views are of one picture');
    expect(contrast).not.toMatch(/mask|hidden|grey|predict|imagine/i);
  });

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

describe('how this computer computes', () => {
  it('stands in people’s words, with the speed and what it is at', () => {
    expect(textOf('volunteer-training')).toContain(
      'Computes with Processor relaxed SIMD on 4 cores Pictures per second 732 at full speed',
    );
    expect(textOf('volunteer-graphics')).toContain(
      'Computes with Graphics chip WebGPU Pictures per second 1,122 at 60 %',
    );
  });

  it('does not speak of speed while nothing runs', () => {
    for (const phase of ['paused', 'finished', 'left'])
      expect(textOf(`volunteer-${phase}`)).toContain('Pictures per second 0 nothing runs now');
    expect(textOf('volunteer-preparing')).toContain('Pictures per second 0 not training yet');
  });

  it('has a slider for the share of time and one for the cores', () => {
    const text = textOf('volunteer-graphics');
    expect(text).toContain('How much to give 60 % Rests 4 of every 10 seconds.');
    expect(text).toContain('Processor cores 4 of 8 Used only if the graphics chip fails.');
    const html = renderToString(SCENES.get('volunteer-graphics')!());
    expect(html).toMatch(/<input id="throttle" type="range" min="10" max="100" step="5" value="60"/);
    expect(html).toMatch(/<input id="cores" type="range" min="1" max="8" step="1" value="4"/);
  });

  it('tells from when on a new number of cores works', () => {
    expect(textOf('volunteer-manycore')).toContain(
      'Processor cores 48 of 64 48 from the next round on, 32 until then.',
    );
  });

  it('offers no choice where there is none', () => {
    expect(renderToString(SCENES.get('volunteer-onecore')!())).toMatch(/<input id="cores"[^>]* disabled/);
    expect(textOf('volunteer-onecore')).toContain('1 of 1 This computer has no more.');
  });

  it('lists folded what was tried, with outcome, speed and reason', () => {
    expect(renderToString(SCENES.get('volunteer-troubled')!())).not.toMatch(/<details[^>]* open/);
    const text = textOf('volunteer-troubled');
    expect(text).toContain('WebGPU not used Its gradient differs from the reference.');
    expect(text).toContain(
      'WebGL failed 344 pictures/s It lost its context in round 25. Reload the page to try it again.',
    );
    expect(text).toContain('relaxed SIMD in use 212 pictures/s');
  });

  it('shows what is being tried while nothing is chosen', () => {
    expect(textOf('volunteer-preparing')).toContain('Computes with Being chosen trying WebGL');
  });

  it('unfolds what was tried where nothing worked, and shows no figures then', () => {
    expect(renderToString(SCENES.get('volunteer-broken')!())).toMatch(/<details open/);
    const text = textOf('volunteer-broken');
    expect(text).toContain('plain JavaScript failed It ran out of memory.');
    expect(text).not.toContain('Pictures per second');
  });

  it('is not told where there is nothing to tell', () => {
    for (const name of ['volunteer-connecting', 'volunteer-failed'])
      expect(textOf(name)).not.toContain('How much to give');
  });

  it('offers the controls before joining, with the choice in the folded line', () => {
    expect(textOf('volunteer-idle')).toContain('Settings 4 of 8 cores at 100 % How much to give 100 %');
  });
});

describe('what went wrong on this computer', () => {
  const regionOf = (name: string): string =>
    /<div class="noticeSlot" role="status"[^>]*>(.*?)<\/div><\/div>/.exec(
      renderToString(SCENES.get(name)!()),
    )![1]!;

  it('stands by the stage while it is news, and can be dismissed', () => {
    expect(regionOf('volunteer-troubled')).toContain(
      'Round 25: WebGL lost its context; that update was dropped. Training goes on with relaxed SIMD.',
    );
    expect(regionOf('volunteer-troubled')).not.toContain('Round 17');
    expect(buttonsOf('volunteer-troubled')).toEqual(['Pause', 'Leave', 'Dismiss']);
  });

  it('is in the panel’s list only, newest first, some rounds later', () => {
    expect(buttonsOf('volunteer-recovered')).toEqual(['Pause', 'Leave']);
    expect(textOf('volunteer-recovered')).toMatch(
      /What went wrong 3 Round 15: WebGL lost .* Round 7: A step .* A worker ran out of memory/,
    );
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

  it('shows the map with its slider and both methods, or says why there is none', () => {
    const text = textOf('operator-busy');
    expect(text).toContain('UMAP PCA UMAP keeps neighbours together');
    expect(text).toContain('round 20 Version 5 of 5 · linear probe');
    const html = renderToString(SCENES.get('operator-busy')!());
    expect(html).toContain('aria-label="Map by UMAP of 240 pictures as the encoder sees them, round 20."');
    expect(html).toMatch(/<input id="mapVersion" type="range" min="0" max="4" step="1" value="4"/);
    expect(textOf('operator-empty')).toContain('appear here with the first scored version');
    expect(textOf('operator-unlabelled')).toContain('this run has no scores');
    expect(textOf('operator-failing')).toContain('The map could not be fetched');
  });

  it('has nothing to play while there is one version', () => {
    const html = renderToString(SCENES.get('operator-first')!());
    expect(html).toMatch(/<button aria-disabled(="true")? title="There is one version so far."[^>]*>Play/);
    expect(html).toMatch(/<input id="mapVersion"[^>]* disabled/);
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
