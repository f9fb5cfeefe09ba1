import { createVolunteer } from '@murmur/core/volunteer/volunteer';
import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import type { VolunteerView } from '@murmur/core/volunteer/view';

export type Ending = 'finished' | 'left' | 'failed';

export interface Participation {
  readonly ended: Promise<Ending>;
  /** Says goodbye; `ended` resolves to `left`. */
  leave(): void;
}

/** Joins, and leaves when the run has reached its target. */
export function takePart(ports: VolunteerPorts, onView: (view: VolunteerView) => void): Participation {
  let resolve: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((settle) => (resolve = settle));
  let leaving: Ending | undefined;
  const leave = (ending: Ending) => {
    leaving ??= ending;
    volunteer.leave();
  };

  const volunteer = createVolunteer(ports, (view) => {
    onView(view);
    if (view.phase === 'failed') resolve('failed');
    // One who was never welcomed is idle after leaving.
    if (leaving && (view.phase === 'left' || view.phase === 'idle')) resolve(leaving);
    // Not from within the volunteer's own announcement.
    if (view.phase === 'finished' && !leaving) queueMicrotask(() => leaving ?? leave('finished'));
  });
  volunteer.join();
  return { ended, leave: () => leave('left') };
}
