/** Links without a network, for more volunteers than this process could open data channels for in time. */
import type { Link, LinkHandlers, LinkPort } from '@murmur/core/volunteer/ports';

interface End {
  readonly handlers: LinkHandlers;
  other?: End | undefined;
  isClosed: boolean;
}

interface Description {
  readonly type: 'offer' | 'answer';
  readonly end: string;
}

const soon = (call: () => void): void => void setImmediate(call);

/** For volunteers of one process: two ends are linked once offer and answer have passed through the coordinator. */
export function memoryLinks(): LinkPort {
  const ends = new Map<string, End>();
  let opened = 0;
  return {
    open({ initiator }, handlers) {
      const id = String(opened++);
      const end: End = { handlers, isClosed: false };
      ends.set(id, end);
      const describe = (type: Description['type']) =>
        soon(() => handlers.onSignal(JSON.stringify({ type, end: id })));
      if (initiator) describe('offer');
      return linkFrom(
        end,
        () => ends.delete(id),
        (data) => {
          const description = JSON.parse(data) as Description;
          const other = ends.get(description.end);
          if (description.type === 'offer') return describe('answer');
          if (other) join(end, other);
        },
      );
    },
  };
}

function join(one: End, other: End): void {
  if (one.isClosed || other.isClosed) return;
  one.other = other;
  other.other = one;
  soon(one.handlers.onOpen);
  soon(other.handlers.onOpen);
}

function linkFrom(end: End, forget: () => void, signal: Link['signal']): Link {
  return {
    signal,
    async send(bytes) {
      const { other } = end;
      if (!other) throw new Error('closed');
      soon(() => other.handlers.onMessage(bytes));
    },
    close() {
      const { other } = end;
      if (end.isClosed) return;
      end.isClosed = true;
      end.other = undefined;
      forget();
      end.handlers.onClosed('closed here');
      if (other?.other !== end) return;
      other.other = undefined;
      other.handlers.onClosed('closed there');
    },
  };
}
