import { withAlert, type Alert } from '../observe/alerts.ts';
import type { RunOptions } from './options.ts';

/** What a person should know, each with what to do. */
export interface Noticeboard {
  /** Newest first. */
  all(): readonly Alert[];
  /** Tells the operator's page and whoever started the command. */
  alert(level: Alert['level'], sentence: string): void;
  /** On the page only: whoever reads the terminal learns it from another line. */
  show(level: Alert['level'], sentence: string): void;
}

export function createNoticeboard(
  { clock, observer }: Pick<RunOptions, 'clock' | 'observer'>,
  onChange: () => void,
): Noticeboard {
  let alerts: readonly Alert[] = [];
  const show: Noticeboard['show'] = (level, sentence) => {
    alerts = withAlert(alerts, { atMs: clock.now(), level, sentence });
    onChange();
  };
  return {
    all: () => alerts,
    show,
    alert(level, sentence) {
      observer.alert(level, sentence);
      show(level, sentence);
    },
  };
}
