import wrtc from '@roamhq/wrtc';
import type { LinkPort } from '@murmur/core/volunteer/ports';
import { hostClock } from '../host/hostClock.ts';
import { createSimplePeerLinks } from '../host/simplePeerLinks.ts';

/** Data channels on Node, which has no WebRTC of its own. */
export const nodeLinks = (): LinkPort => createSimplePeerLinks({ clock: hostClock, wrtc });
