import type { OperatorSnapshot } from '@murmur/core/protocol/operator';

export type Alert = OperatorSnapshot['alerts'][number];

const MOST_ALERTS = 50;

/** Puts an alert first; the same sentence again moves up instead of filling the list. */
export function withAlert(alerts: readonly Alert[], alert: Alert): readonly Alert[] {
  const others = alerts.filter((a) => a.sentence !== alert.sentence);
  return [alert, ...others].slice(0, MOST_ALERTS);
}
