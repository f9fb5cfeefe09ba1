/** Carries out what a volunteer's life decides, through the ports of its host. */
import type { PeerRound } from '../exchange/peerRound.ts';
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { RunInfo } from '../protocol/run.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { wantsVersion } from './rounds.ts';
import type { Life, LifeEffect, LifeEvent } from './lifeState.ts';
import type { Mesh } from './mesh.ts';
import type { TrainResult, VolunteerPorts } from './ports.ts';
import type { RoundWork } from './roundWork.ts';
import type { TallyKeeper } from './tallyKeeper.ts';

const PROGRESS_EVERY_MS = 500;
const PREVIEW_EVERY_MS = 2_000;

/** A volunteer's stay: its life, and all that acts for it. */
export interface Stay {
  readonly ports: VolunteerPorts;
  readonly mesh: Mesh;
  readonly work: RoundWork;
  readonly tally: TallyKeeper;
  readonly told: Told;
  life(): Life;
  dispatch(event: LifeEvent): void;
  show(): void;
}

/** What was said last, so that it is not said too often or twice. */
export interface Told {
  progressMs: number;
  previewMs: number;
  meshBytes: number;
}

type Effect<T extends LifeEffect['type']> = Extract<LifeEffect, { type: T }>;

/** Carries out asynchronous work; what it cannot do is said, never thrown away. */
function run<T>(
  { ports }: Stay,
  promise: Promise<T>,
  then: (value: T) => unknown = () => undefined,
  failed: (sentence: string) => unknown = () => undefined,
): void {
  promise.then(then).catch((cause: unknown) => {
    const sentence = cause instanceof Error ? cause.message : String(cause);
    ports.log(sentence);
    failed(sentence);
  });
}

/** Connecting is not among them: whoever takes the messages connects. */
export function carryOut(stay: Stay, effect: Exclude<LifeEffect, { type: 'connect' }>): void {
  const { ports, mesh, work, dispatch } = stay;
  switch (effect.type) {
    case 'disconnect':
      return ports.control.close();
    case 'closeLinks':
      return mesh.close();
    case 'hello':
      return hello(stay);
    case 'prepare':
      return prepare(stay, effect.run);
    case 'resync':
      return run(
        stay,
        work.load(effect.version, () => wantsVersion(stay.life(), effect.version)),
        (loaded) => dispatch({ type: loaded ? 'loaded' : 'loadFailed', version: effect.version }),
        () => dispatch({ type: 'loadFailed', version: effect.version }),
      );
    case 'meshWith':
      return mesh.meet(effect.peers, effect.round);
    case 'tell':
      return ports.control.send(effect.message);
    case 'confirm':
      return confirm(stay, effect);
    case 'settle':
      return run(stay, ports.engine.settle(effect.round, effect.taken));
    case 'cancelTraining':
      return run(stay, work.cancel());
    default: {
      const { round } = stay.life();
      if (round) carryOutInRound(stay, effect, round);
    }
  }
}

function carryOutInRound(
  stay: Stay,
  effect: Effect<'train' | 'transmit' | 'reducePart' | 'combinePart' | 'apply'>,
  round: PeerRound,
): void {
  const { ports, mesh, work, dispatch } = stay;
  const { manifest } = round;
  const number = manifest.round;
  switch (effect.type) {
    case 'train':
      return train(stay, round);
    case 'transmit': {
      const { to, kind, part, bytes } = effect;
      return run(stay, mesh.transmit(to, { kind, round: number, part, bytes }));
    }
    case 'reducePart':
      return run(stay, work.reduce(manifest, effect.part, effect.contributions), (result) =>
        dispatch({ type: 'round', round: number, event: { type: 'reduced', part: effect.part, result } }),
      );
    case 'combinePart': {
      const { part, attempt, groups, results } = effect;
      return run(stay, work.combine(manifest, part, results), (result) =>
        dispatch({
          type: 'round',
          round: number,
          event: { type: 'combined', part, attempt, groups, result },
        }),
      );
    }
    case 'apply': {
      const applied = (version: string) =>
        dispatch({ type: 'round', round: number, event: { type: 'applied', version } });
      // A failure to apply has no version: the name does not match, and a snapshot is fetched.
      return run(
        stay,
        ports.engine.apply(manifest, effect.updates),
        ({ version }) => applied(version),
        () => applied(''),
      );
    }
  }
}

function hello({ ports, life }: Stay): void {
  const { name, host, token } = ports;
  const { identity } = life();
  ports.control.send({
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    name,
    host,
    ...(token === undefined ? {} : { token }),
    ...(identity ? { resume: identity } : {}),
  });
}

function prepare(stay: Stay, asked: RunInfo): void {
  const { ports, life, dispatch } = stay;
  // The coordinator may have begun another run in the meantime.
  const matters = () => life().run?.run === asked.run;
  run(
    stay,
    ports.engine.prepare(asked),
    (prepared) => matters() && dispatch({ type: 'prepared', ...prepared }),
    (sentence) => matters() && dispatch({ type: 'engineFailed', sentence }),
  );
}

function train(stay: Stay, { manifest, self }: PeerRound): void {
  const { ports, mesh, work, tally, dispatch } = stay;
  const { round, members } = manifest;
  tally.beginRound(ports.clock.now());
  const finish = (result: TrainResult) => {
    tally.trained(result);
    const meshed = members.flatMap(({ peer }) => (mesh.state(peer) === 'mesh' ? [peer] : []));
    dispatch({ type: 'round', round, event: { type: 'trained', result, meshed } });
  };
  run(
    stay,
    work.train(manifest, self, (step, samples, loss) =>
      progress(stay, { type: 'progress', round, step, samples, loss }),
    ),
    finish,
    (sentence) => finish({ kind: 'failed', sentence }),
  );
}

function progress(stay: Stay, message: MessageOf<VolunteerMessage, 'progress'>): void {
  const { ports, tally, told } = stay;
  const nowMs = ports.clock.now();
  tally.step(message, nowMs);
  if (nowMs - told.progressMs > PROGRESS_EVERY_MS) {
    told.progressMs = nowMs;
    ports.control.send(message);
  }
  stay.show();
}

function confirm(stay: Stay, { round, version, resynced }: Effect<'confirm'>): void {
  const { ports, mesh, tally, told } = stay;
  const meshBytes = mesh.traffic().mesh - told.meshBytes;
  told.meshBytes += meshBytes;
  tally.confirmed();
  const uplink = mesh.uplink();
  const measured = uplink === undefined ? {} : { uplink };
  ports.control.send({ type: 'applied', round, version, meshBytes, resynced, ...measured });
  const nowMs = ports.clock.now();
  if (ports.host !== 'browser' || nowMs - told.previewMs <= PREVIEW_EVERY_MS) return;
  told.previewMs = nowMs;
  run(stay, ports.engine.preview(round), (preview) => {
    if (preview) tally.preview(preview);
    stay.show();
  });
}
