/** Composition of the headless volunteer: `node --import tsx apps/client/src/headless/main.ts URL`. */
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { hostClock } from '../host/hostClock.ts';
import { nodePorts } from './nodePorts.ts';
import { parseOptions, USAGE, type HeadlessOptions } from './options.ts';
import { whyUnreachable } from './reachable.ts';
import { eventsBetween, lineOf, type Event } from './report.ts';
import { takePart } from './takePart.ts';

const GOODBYE_MS = 2_000;
const INTERRUPTED = 130;

function printer({ quiet, json }: HeadlessOptions): (event: Event) => void {
  return (event) => {
    if (quiet) return;
    const line = json ? JSON.stringify(event) : lineOf(event);
    if (line !== undefined) process.stdout.write(`${line}\n`);
  };
}

const soon = (ms: number): Promise<void> => new Promise((resolve) => hostClock.after(ms, resolve));

async function join(options: HeadlessOptions): Promise<number> {
  const unreachable = await whyUnreachable(options.origin, hostClock);
  if (unreachable !== undefined) {
    process.stderr.write(`murmur join: ${unreachable}\n`);
    return 1;
  }
  const print = printer(options);
  const ports = nodePorts({ ...options, log: (sentence) => print({ event: 'log', sentence }) });
  let shown: VolunteerView | undefined;
  const participation = takePart(ports, (view) => {
    for (const event of eventsBetween(shown, view)) print(event);
    shown = view;
  });
  const stopping = onSignals(() => participation.leave());
  // A volunteer that cannot even say goodbye must still end when it is told to.
  const ending = await Promise.race([participation.ended, stopping.then(() => soon(GOODBYE_MS))]);
  await Promise.race([ports.control.flushed(), soon(GOODBYE_MS)]);
  if (ending === 'failed') {
    process.stderr.write(`murmur join: ${shown?.sentence ?? 'It failed.'}\n`);
    return 1;
  }
  return ending === 'finished' ? 0 : INTERRUPTED;
}

/** Resolves at the first signal, having called `stop`; the second one ends the process at once. */
function onSignals(stop: () => void): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (told) process.exit(INTERRUPTED);
        told = true;
        stop();
        resolve();
      });
    }
  });
}

const parsed = parseOptions(process.argv.slice(2), process.env);
if (parsed.kind === 'help') {
  process.stdout.write(`${USAGE}\n`);
} else if (parsed.kind === 'usage') {
  process.stderr.write(`murmur join: ${parsed.sentence}\n\n${USAGE}\n`);
  process.exitCode = 2;
} else {
  // WebRTC and the training thread would keep the process alive.
  process.exit(await join(parsed.options));
}
