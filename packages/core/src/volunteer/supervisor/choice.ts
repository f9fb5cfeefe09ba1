/** Which backend a machine trains with: pure decisions. Whoever carries them out owns the workers. */
import type { BackendTrial } from '../view.ts';

/** From the most wanted down. */
export const GPU_BACKENDS: readonly string[] = ['webgpu', 'webgl'];
export const CPU_BACKENDS: readonly string[] = ['murmur', 'wasm', 'cpu'];

const TITLES: Readonly<Record<string, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  murmur: 'SIMD',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

/** A GPU takes over only where it is worth the change. */
const WORTH_IT = 1.2;
/** Failures in a row after which a backend is given up: earlier where there is another one. */
const FAILURES_WITH_ANOTHER = 2;
const FAILURES_ON_THE_LAST = 3;

export interface Candidate {
  readonly backend: string;
  /** Why this machine or page does not have it, as half a sentence such as "needs https". */
  readonly missing?: string | undefined;
}

interface Rung extends BackendTrial {
  readonly backend: string;
}

export interface Choice {
  readonly rungs: readonly Rung[];
  /** What trains, or is to be started. Undefined when nothing is left that could. */
  readonly running: string | undefined;
  /** The backend that a person asked for by name: it need not be the fastest. */
  readonly asked: string | undefined;
  /** In a row, of the running backend. */
  readonly failures: number;
  /** Of all workers together when they compute all the time; undefined before the first round. */
  readonly samplesPerSecond: number | undefined;
}

export const isGpu = (backend: string | undefined): boolean =>
  backend !== undefined && GPU_BACKENDS.includes(backend);

export const isCandidate = (candidates: readonly Candidate[], backend: string): boolean =>
  candidates.some((candidate) => candidate.backend === backend);

/** Begins with the first CPU backend, or with the one asked for. */
export function beginChoice(candidates: readonly Candidate[], asked: string | undefined): Choice {
  const rungs = candidates.map(({ backend, missing }): Rung => {
    const title = TITLES[backend] ?? backend;
    const untried = { backend, title, samplesPerSecond: undefined };
    return missing === undefined
      ? { ...untried, outcome: 'untried', reason: 'Not needed so far.' }
      : { ...untried, outcome: 'refused', reason: `${capital(missing)}.` };
  });
  const choice: Choice = { rungs, running: undefined, asked, failures: 0, samplesPerSecond: undefined };
  const wanted = rungs.find((rung) => rung.backend === asked && usable(rung));
  return { ...choice, running: wanted?.backend ?? firstCpu(choice) };
}

const usable = ({ outcome }: Rung): boolean => outcome !== 'refused' && outcome !== 'lost';
const capital = (title: string): string => title.charAt(0).toUpperCase() + title.slice(1);

const firstCpu = ({ rungs }: Choice): string | undefined =>
  CPU_BACKENDS.find((backend) => rungs.some((rung) => rung.backend === backend && usable(rung)));

const amend = (choice: Choice, backend: string, changes: (rung: Rung) => Partial<Rung>): Choice => ({
  ...choice,
  rungs: choice.rungs.map((rung) => (rung.backend === backend ? { ...rung, ...changes(rung) } : rung)),
});

export const titleOf = ({ rungs }: Choice, backend: string | undefined): string =>
  rungs.find((rung) => rung.backend === backend)?.title ?? 'nothing';

const VERDICTS: Readonly<Record<BackendTrial['outcome'], string>> = {
  used: 'trains from here on',
  slower: 'is slower',
  refused: 'is not used',
  lost: 'failed',
  trying: 'is being tried',
  untried: 'was not tried',
};

const verdict = ({ title, outcome, reason }: BackendTrial): string =>
  `${capital(title)} ${VERDICTS[outcome]}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;

/** What became of a backend, in a sentence that needs no list around it. */
export function verdictOf({ rungs }: Choice, backend: string): string {
  const rung = rungs.find((one) => one.backend === backend);
  return rung === undefined ? '' : verdict(rung);
}

/** What a person is told after something went wrong. */
export const goingOn = (choice: Choice): string =>
  choice.running === undefined
    ? 'Nothing is left to train with.'
    : `Training goes on with ${titleOf(choice, choice.running)}.`;

/** What a person is told who can do something about it. */
export function nothingLeft({ rungs }: Choice): string {
  const last = rungs.findLast(({ outcome }) => outcome === 'lost' || outcome === 'refused');
  // What was lost says itself what happened.
  const why = last?.outcome === 'lost' ? last.reason : last === undefined ? '' : verdict(last);
  return `Nothing on this machine can train. ${why} Reload the page, close other programs, or try another browser.`;
}

/** Trials that were under way are to be begun again. */
export const trialsEnded = (choice: Choice): Choice => ({
  ...choice,
  rungs: choice.rungs.map((rung) => (rung.outcome === 'trying' ? { ...rung, outcome: 'untried' } : rung)),
});

/** It started, with the right gradients: `device` is what it calls itself. */
export function started(choice: Choice, backend: string, device: string): Choice {
  const isFast = backend === 'murmur' && device.includes('relaxed');
  return amend(choice, backend, (rung) => {
    const title = isFast ? 'relaxed SIMD' : rung.title;
    if (backend !== choice.running) return { title };
    const reason = backend === choice.asked ? 'Asked for by name.' : 'Its gradients are right here.';
    return { title, outcome: 'used', reason };
  });
}

/** It cannot be used: `reason` is half a sentence such as "its gradient differs from the reference". */
export function refused(choice: Choice, backend: string, reason: string): Choice {
  const next = amend(choice, backend, () => ({
    outcome: 'refused',
    reason: `${capital(reason.replace(/\.$/, ''))}.`,
  }));
  return backend === choice.running ? { ...next, running: firstCpu(next), failures: 0 } : next;
}

export interface Failure {
  /** What happened, as a sentence without its full stop, such as "WebGL lost its context". */
  readonly what: string;
  /** The device is to blame: the same again will not help. */
  readonly deviceLost: boolean;
}

/** After a failure: the same backend again, the next one down, or, with `running` undefined, none any more. */
export function afterFailure(choice: Choice, { what, deviceLost }: Failure): Choice {
  const { running } = choice;
  if (running === undefined) return choice;
  const failures = choice.failures + 1;
  const given = amend(choice, running, () => ({ outcome: 'lost', reason: `${capital(what)}.` }));
  const lower = firstCpu(given);
  if (lower !== undefined && (deviceLost || failures >= FAILURES_WITH_ANOTHER)) {
    return { ...given, running: lower, failures: 0, samplesPerSecond: undefined };
  }
  if (failures >= FAILURES_ON_THE_LAST) return { ...given, running: undefined, failures };
  return { ...choice, failures };
}

/** A round was trained at this speed: `workers` of them together, as if they computed all the time. */
export function worked(choice: Choice, samplesPerSecond: number, workers: number): Choice {
  const { running } = choice;
  if (running === undefined) return choice;
  const next = amend(choice, running, () => ({ samplesPerSecond: samplesPerSecond / workers }));
  return { ...next, failures: 0, samplesPerSecond };
}

/** GPU backends that were not looked at yet; none where a backend was asked for by name. */
export const untriedGpus = ({ rungs, asked, running }: Choice): string[] =>
  asked !== undefined || isGpu(running)
    ? []
    : rungs.filter((rung) => isGpu(rung.backend) && rung.outcome === 'untried').map((rung) => rung.backend);

export const trying = (choice: Choice, backend: string): Choice =>
  amend(choice, backend, () => ({ outcome: 'trying', reason: 'First its gradients, then its speed.' }));

export const timed = (choice: Choice, backend: string, samplesPerSecond: number): Choice =>
  amend(choice, backend, () => ({ samplesPerSecond }));

/**
 * The backend that is to take over between two rounds, if one is fast enough, and the verdict on the others. Nothing
 * is decided before every trial has ended and the speed of what runs is known.
 */
export function judge(choice: Choice): { choice: Choice; successor: string | undefined } {
  const { rungs, samplesPerSecond: now } = choice;
  const open = rungs.filter(({ outcome }) => outcome === 'trying');
  if (now === undefined || untriedGpus(choice).length > 0) return { choice, successor: undefined };
  if (open.some((rung) => rung.samplesPerSecond === undefined)) return { choice, successor: undefined };
  const speed = (rung: Rung) => rung.samplesPerSecond ?? 0;
  const best = open.reduce<Rung | undefined>((a, b) => (a && speed(a) >= speed(b) ? a : b), undefined);
  const successor = best && speed(best) >= WORTH_IT * now ? best : undefined;
  const rest = open.filter((rung) => rung !== successor);
  const against = successor ? speed(successor) : now;
  const judged = rest.reduce((next, rung) => slower(next, rung.backend, speed(rung), against), choice);
  return { choice: judged, successor: successor?.backend };
}

const slower = (choice: Choice, backend: string, mine: number, others: number): Choice =>
  amend(choice, backend, () => ({
    outcome: 'slower',
    reason: `${Math.round(mine)} of ${Math.round(others)} pictures/s.`,
  }));

/** From here on `backend` trains. */
export function tookOver(choice: Choice, backend: string): Choice {
  const { running, samplesPerSecond: before = 0 } = choice;
  const now = choice.rungs.find((rung) => rung.backend === backend)?.samplesPerSecond ?? 0;
  const left = running === undefined ? choice : slower(choice, running, before, now);
  const faster = `${Math.round(now)} instead of ${Math.round(before)} pictures/s`;
  const used = amend(left, backend, () => ({ outcome: 'used', reason: `The fastest here, ${faster}.` }));
  return { ...used, running: backend, failures: 0, samplesPerSecond: now };
}

export const trialsOf = ({ rungs }: Choice): BackendTrial[] => rungs.map(({ backend: _, ...trial }) => trial);
