/** Raised by every change after which two ends can no longer work together (LK4). */
export const PROTOCOL_VERSION = 4;
