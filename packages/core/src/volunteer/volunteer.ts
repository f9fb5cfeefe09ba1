import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { runTag } from '../protocol/frames.ts';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { RunInfo } from '../protocol/run.ts';
import type { PeerRound } from '../exchange/peerRound.ts';
import { lifeWakeMs, reduceLife, UNBORN, type Life, type LifeEffect, type LifeEvent } from './life.ts';
import { createMesh, type Payload } from './mesh.ts';
import type { TrainResult, VolunteerPorts } from './ports.ts';
import { createRoundWork } from './roundWork.ts';
import type { VolunteerControls, VolunteerView } from './view.ts';
import { createTallyKeeper } from './tallyKeeper.ts';
import { viewOf } from './viewOf.ts';

const PROGRESS_EVERY_MS = 500;
const PREVIEW_EVERY_MS = 2_000;

/** A volunteer on any host: runs the pure life and carries out its effects through the ports. */
export function createVolunteer(
  ports: VolunteerPorts,
  onView: (view: VolunteerView) => void,
): VolunteerControls & { join(): void } {
  const { clock, control, engine, fetch } = ports;
  let life: Life = UNBORN;
  const tally = createTallyKeeper(ports.name);
  let cancelWake: () => void = () => undefined;
  let progressSentMs = -Infinity;
  let previewedMs = -Infinity;
  let meshBytesConfirmed = 0;

  const mesh = createMesh({
    clock,
    links: ports.links,
    signal: (to, data) => control.send({ type: 'signal', to, data }),
    relay: (to, frame) => control.send({ type: 'relay', to, frame }),
    onPayload: takePayload,
    onChange: show,
    log: ports.log,
  });
  const work = createRoundWork({ engine, fetch, log: ports.log });

  function dispatch(event: LifeEvent): void {
    const [next, effects] = reduceLife(life, event, clock.now());
    life = next;
    for (const effect of effects) carryOut(effect);
    cancelWake();
    const wakeMs = lifeWakeMs(life);
    if (wakeMs !== undefined)
      cancelWake = clock.after(Math.max(0, wakeMs - clock.now()), () => dispatch({ type: 'tick' }));
    show();
  }

  function prepare(asked: RunInfo): void {
    // The coordinator may have begun another run in the meantime.
    const matters = () => life.run?.run === asked.run;
    run(
      engine.prepare(asked),
      (prepared) => matters() && dispatch({ type: 'prepared', ...prepared }),
      (sentence) => matters() && engineFailed(sentence),
    );
  }

  function engineFailed(sentence: string): void {
    dispatch({ type: 'engineFailed', sentence });
  }

  function show(): void {
    onView(viewOf(life, tally.current(), mesh));
  }

  function takePayload({ from, kind, round, part, bytes }: Payload): void {
    if (kind === 'contribution' || kind === 'update') {
      dispatch({ type: 'round', round, event: { type: 'payload', from, kind, part, bytes } });
    }
  }

  function carryOut(effect: LifeEffect): void {
    const round = life.round;
    switch (effect.type) {
      case 'connect':
        return control.open({
          onConnected: () => dispatch({ type: 'connected' }),
          onDisconnected: () => dispatch({ type: 'disconnected' }),
          onMessage: takeMessage,
        });
      case 'disconnect':
        return control.close();
      case 'closeLinks':
        return mesh.close();
      case 'hello':
        return hello();
      case 'prepare':
        return prepare(effect.run);
      case 'resync':
        return run(
          work.load(effect.version),
          (loaded) => dispatch({ type: loaded ? 'loaded' : 'loadFailed', version: effect.version }),
          () => dispatch({ type: 'loadFailed', version: effect.version }),
        );
      case 'meshWith':
        return mesh.meet(effect.peers, effect.round);
      case 'tell':
        return control.send(effect.message);
      case 'confirm':
        return confirm(effect);
      case 'cancelTraining':
        return run(work.cancel());
      default:
        if (round) carryOutInRound(effect, round);
    }
  }

  function carryOutInRound(
    effect: Extract<LifeEffect, { type: 'train' | 'transmit' | 'reducePart' | 'apply' }>,
    round: PeerRound,
  ): void {
    const number = round.manifest.round;
    switch (effect.type) {
      case 'train':
        return train(round);
      case 'transmit':
        return run(
          mesh.transmit(effect.to, {
            kind: effect.kind,
            round: number,
            part: effect.part,
            bytes: effect.bytes,
          }),
        );
      case 'reducePart':
        return run(work.reduce(round.manifest, effect.part, effect.contributions), (result) =>
          dispatch({ type: 'round', round: number, event: { type: 'reduced', part: effect.part, result } }),
        );
      case 'apply':
        // A failure to apply has no version: the name does not match, and a snapshot is fetched.
        return run(
          engine.apply(round.manifest, effect.updates),
          ({ version }) => dispatch({ type: 'round', round: number, event: { type: 'applied', version } }),
          () => dispatch({ type: 'round', round: number, event: { type: 'applied', version: '' } }),
        );
    }
  }

  /** Carries out asynchronous work; what it cannot do is said, never thrown away. */
  function run<T>(
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

  function hello(): void {
    const resume = life.identity ? { resume: life.identity } : {};
    const token = ports.token === undefined ? {} : { token: ports.token };
    control.send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      name: ports.name,
      host: ports.host,
      ...token,
      ...resume,
    });
  }

  function train({ manifest, self }: PeerRound): void {
    const { round, members } = manifest;
    tally.beginRound(clock.now());
    const finish = (result: TrainResult) => {
      tally.trained(result);
      const meshed = members.flatMap(({ peer }) => (mesh.state(peer) === 'mesh' ? [peer] : []));
      dispatch({ type: 'round', round, event: { type: 'trained', result, meshed } });
    };
    run(
      work.train(manifest, self, (step, samples, loss) =>
        onStep({ type: 'progress', round, step, samples, loss }),
      ),
      finish,
      (sentence) => finish({ kind: 'failed', sentence }),
    );
  }

  function onStep(progress: MessageOf<VolunteerMessage, 'progress'>): void {
    const nowMs = clock.now();
    tally.step(progress, nowMs);
    if (nowMs - progressSentMs > PROGRESS_EVERY_MS) {
      progressSentMs = nowMs;
      control.send(progress);
    }
    show();
  }

  function confirm({ round, version, resynced }: Extract<LifeEffect, { type: 'confirm' }>): void {
    const meshBytes = mesh.traffic().mesh - meshBytesConfirmed;
    meshBytesConfirmed += meshBytes;
    tally.confirmed();
    control.send({ type: 'applied', round, version, meshBytes, resynced });
    if (ports.host === 'browser' && clock.now() - previewedMs > PREVIEW_EVERY_MS) showPreview(round);
  }

  function showPreview(round: number): void {
    previewedMs = clock.now();
    run(engine.preview(round), (preview) => {
      if (preview) tally.preview(preview);
      show();
    });
  }

  function takeMessage(message: CoordinatorMessage): void {
    if (message.type === 'signal') return mesh.signal(message.from, message.data);
    if (message.type === 'relay') return mesh.relayed(message.from, message.frame);
    if (message.type === 'record') tally.record(message.record);
    if (message.type === 'welcome') {
      mesh.identify({ self: message.peer, runTag: runTag(message.run.run), iceServers: message.iceServers });
    }
    dispatch({ type: 'message', message });
  }

  show();
  run(ports.engineLost, engineFailed);
  return {
    join: () => dispatch({ type: 'join' }),
    pause: () => dispatch({ type: 'pause' }),
    resume: () => dispatch({ type: 'resume' }),
    leave: () => dispatch({ type: 'leave' }),
    setThrottle: () => undefined,
    setWorkers: () => undefined,
  };
}
