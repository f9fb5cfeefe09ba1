import { runTag } from '../protocol/frames.ts';
import type { CoordinatorMessage } from '../protocol/messages.ts';
import { carryOut, type Stay } from './carryOut.ts';
import { lifeWakeMs, reduceLife, refusalSentence } from './life.ts';
import { UNBORN, type Life, type LifeEffect, type LifeEvent } from './lifeState.ts';
import { createMesh, type Payload } from './mesh.ts';
import type { VolunteerPorts } from './ports.ts';
import { createRoundWork } from './roundWork.ts';
import type { VolunteerControls, VolunteerView } from './view.ts';
import { createTallyKeeper } from './tallyKeeper.ts';
import { viewOf } from './viewOf.ts';

/** A volunteer on any host: runs the pure life and carries out its effects through the ports. */
export function createVolunteer(
  ports: VolunteerPorts,
  onView: (view: VolunteerView) => void,
): VolunteerControls & { join(): void } {
  const { clock, control, engine, fetch } = ports;
  let life: Life = UNBORN;
  let cancelWake: () => void = () => undefined;
  const tally = createTallyKeeper(ports.name);
  const mesh = createMesh({
    clock,
    links: ports.links,
    signal: (to, data) => control.send({ type: 'signal', to, data }),
    relay: (to, frame) => control.relay(to, frame),
    onPayload: takePayload,
    onChange: show,
    log: ports.log,
  });
  const stay: Stay = {
    ports,
    mesh,
    work: createRoundWork({ engine, fetch, log: ports.log }),
    tally,
    told: { progressMs: -Infinity, previewMs: -Infinity, meshBytes: 0 },
    life: () => life,
    dispatch,
    show,
  };

  function show(): void {
    onView(viewOf(life, tally.current(), mesh));
  }

  function dispatch(event: LifeEvent): void {
    const [next, effects] = reduceLife(life, event, clock.now());
    life = next;
    for (const effect of effects) act(effect);
    cancelWake();
    const wakeMs = lifeWakeMs(life);
    if (wakeMs !== undefined)
      cancelWake = clock.after(Math.max(0, wakeMs - clock.now()), () => dispatch({ type: 'tick' }));
    show();
  }

  function act(effect: LifeEffect): void {
    if (effect.type !== 'connect') return carryOut(stay, effect);
    control.open({
      onConnected: () => dispatch({ type: 'connected' }),
      onDisconnected: () => dispatch({ type: 'disconnected' }),
      onTurnedAway: (sentence) => dispatch({ type: 'turnedAway', sentence }),
      onMessage: takeMessage,
    });
  }

  function takePayload({ from, kind, round, part, bytes }: Payload): void {
    dispatch({ type: 'round', round, event: { type: 'payload', from, kind, part, bytes } });
  }

  function takeMessage(message: CoordinatorMessage): void {
    if (message.type === 'signal') return mesh.signal(message.from, message.data);
    if (message.type === 'relay') return mesh.relayed(message.from, message.frame);
    if (message.type === 'record') tally.record(message.record);
    if (message.type === 'welcome') {
      mesh.identify({ self: message.peer, runTag: runTag(message.run.run), iceServers: message.iceServers });
    }
    dispatch({ type: 'message', message });
    // One that ends the stay is shown already.
    if (message.type === 'refused' && life.refusal === undefined) ports.log(refusalSentence(message));
  }

  engine.watch({
    onCompute(compute) {
      tally.compute(compute);
      // Those that are not granted any more are ended when the next round begins.
      dispatch({ type: 'workers', count: Math.min(compute.workers, compute.wantedWorkers) });
    },
    onRestarted: (sentence) => dispatch({ type: 'engineRestarted', sentence }),
    onPrepared: (prepared) => dispatch({ type: 'prepared', ...prepared }),
    onLost: (sentence) => dispatch({ type: 'engineFailed', sentence }),
  });
  show();
  return {
    join: () => dispatch({ type: 'join' }),
    pause: () => dispatch({ type: 'pause' }),
    resume: () => dispatch({ type: 'resume' }),
    leave: () => dispatch({ type: 'leave' }),
    setThrottle: (share) => engine.setThrottle(share),
    setWorkers: (count) => engine.setWorkers(count),
  };
}
