/** The one seam between the page and what runs a volunteer: ports of this browser, the volunteer of the core. */
import { createVolunteer } from '@murmur/core/volunteer/volunteer';
import { browserPorts } from '../host/browserPorts.ts';
import type { Connect } from './session.ts';

export interface ConnectOptions {
  readonly origin: string;
  readonly token: string | undefined;
  /** The only way of computing to use; left out, the fastest that is correct. */
  readonly backend: string | undefined;
}

export const connectTo =
  ({ origin, token, backend }: ConnectOptions): Connect =>
  async (joining, onView) => {
    const ports = await browserPorts({
      origin,
      ...joining,
      ...(token === undefined ? {} : { token }),
      ...(backend === undefined ? {} : { backend }),
    });
    const volunteer = createVolunteer(ports, onView);
    volunteer.join();
    const leave = () => {
      volunteer.leave();
      // Joining again makes a new worker; without this the old one would keep its memory.
      void ports.engine.dispose();
    };
    return { ...volunteer, leave };
  };
