import type { StoredRun } from '../store/runStore.ts';
import { formatBytes, scoreLine } from '../observe/progressLine.ts';

/** A run as `murmur status` tells it. */
export function statusLines(dir: string, stored: StoredRun, isLive: boolean): string[] {
  const { head, records, scores } = stored;
  const committed = records.filter((record) => record.reason === null);
  const loss = committed.at(-1)?.loss;
  const sent = records.reduce((sum, record) => sum + record.meshBytes + record.relayBytes, 0);
  const score = scores.at(-1);
  const lost = records.length - committed.length;
  const abandoned = lost === 0 ? '' : `, ${lost} of them abandoned`;
  return [
    `${dir} · ${isLive ? 'live' : 'not running'} · ${!isLive && head.phase === 'running' ? 'stopped' : head.phase}`,
    `  ${head.round} ${head.round === 1 ? 'round' : 'rounds'}${abandoned} · ${head.samplesDone.toLocaleString('en')} samples · ` +
      `${formatBytes(sent)} between volunteers · loss ${loss === null || loss === undefined ? '–' : loss.toFixed(4)}`,
    `  version ${head.version}`,
    ...(score ? [`  ${scoreLine(score)}`] : []),
  ];
}
