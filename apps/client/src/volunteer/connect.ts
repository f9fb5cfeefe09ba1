/** The one seam between the page and what runs a volunteer: ports of this browser, the volunteer of the core. */
import { createVolunteer } from '@murmur/core/volunteer/volunteer';
import { browserPorts } from '../host/browserPorts.ts';
import type { Connect } from './session.ts';

export const connectTo =
  (origin: string, token: string | undefined): Connect =>
  async (name, onView) => {
    const ports = await browserPorts({ origin, name, ...(token === undefined ? {} : { token }) });
    const volunteer = createVolunteer(ports, onView);
    volunteer.join();
    const leave = () => {
      volunteer.leave();
      // Joining again makes a new worker; without this the old one would keep its memory.
      void ports.engine.dispose();
    };
    return { ...volunteer, leave };
  };
