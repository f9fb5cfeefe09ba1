import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

/** The log on stderr: readable lines on a terminal, JSON lines elsewhere. Written at once, so a crash loses nothing. */
export function createLogger(level: string, isTerminal: boolean): Logger {
  if (!isTerminal) return pino({ level }, pino.destination({ fd: 2, sync: true }));
  return pino({ level }, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', colorize: true }));
}
