/** What the page remembers between visits. Storage may be forbidden (private windows, embedded pages): not worth failing for. */
export interface Keepsake {
  read(): string | null;
  keep(text: string): void;
}

/** `storage` is asked for at every use: reading the property alone may throw. */
export function keepsake(key: string, storage: () => Storage): Keepsake {
  let told = false;
  const attempt = <T>(use: () => T, otherwise: T): T => {
    try {
      return use();
    } catch (problem) {
      if (!told) console.info('This browser keeps nothing between visits.', problem);
      told = true;
      return otherwise;
    }
  };
  return {
    read: () => attempt(() => storage().getItem(key), null),
    keep: (text) => attempt(() => storage().setItem(key, text), undefined),
  };
}
