/**
 * The volunteer page as it is, with a volunteer that only pretends: its figures change with every frame, rounds
 * pass in a second, and it obeys the controls. What it was told stands in `data-told` of the body, how many views it showed in `data-views`.
 */
import type { VolunteerControls, VolunteerPhase, VolunteerView } from '@murmur/core/volunteer/view';
import { mountPage } from '../volunteer/mountPage.tsx';
import type { Connect } from '../volunteer/session.ts';
import { VOLUNTEER_FIXTURES } from '../volunteer/volunteer.fixture.ts';
import { runFixture, wiggle } from './records.fixture.ts';

const STEPS = 12;

/** Rounds as they come, with the sentences that a volunteer says in them. */
const ROUND = [
  ['training', 'Training on pictures of this data set.'],
  ['training', 'Fetching the version that this round starts from.'],
  ['exchanging', 'Exchanging what was learned with the others.'],
  ['waiting', 'The next round is about to begin.'],
  ['waiting', '2 more volunteers are needed before the round begins: 4 of 6 are ready.'],
] as const;

const stageOf = (frame: number): { phase: VolunteerPhase; sentence: string } => {
  const [phase, sentence] = ROUND[Math.floor(frame / STEPS) % ROUND.length] ?? ROUND[0];
  return { phase, sentence };
};

/** Figures from one digit to five, so that whatever can jump jumps. */
const busyView = (frame: number, throttle: number): VolunteerView => ({
  ...VOLUNTEER_FIXTURES.training,
  ...stageOf(frame),
  step: frame % STEPS,
  samples: 10 ** (frame % 6),
  samplesPerSecond: throttle * 10 ** (4 * wiggle(frame)),
  meshBytes: 10 ** (3 + (frame % 6)),
});

const pretend: Connect = (joining, onView) => {
  const told: string[] = [`join ${joining.throttle} ${joining.workers}`];
  const tell = (words: string): void => {
    told.push(words);
    document.body.dataset['told'] = told.join('; ');
  };
  let throttle = joining.throttle;
  let frame = 0;
  const next = (): void => {
    onView(busyView(++frame, throttle));
    document.body.dataset['views'] = String(frame);
    requestAnimationFrame(next);
  };
  document.body.dataset['told'] = told.join('; ');
  next();
  const controls: VolunteerControls = {
    pause: () => tell('pause'),
    resume: () => tell('resume'),
    leave: () => tell('leave'),
    setThrottle: (share) => {
      throttle = share;
      tell(`throttle ${share}`);
    },
    setWorkers: (count) => tell(`workers ${count}`),
  };
  return Promise.resolve(controls);
};

const answer = {
  run: runFixture,
  status: VOLUNTEER_FIXTURES.training.status,
  volunteers: 3,
};

const root = document.getElementById('app');
if (root === null) throw new Error('live.ts: live.html has no element with the id "app".');
mountPage(root, { connect: pretend, ask: () => Promise.resolve(Response.json(answer)) });
