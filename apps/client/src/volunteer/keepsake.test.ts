import { afterEach, expect, it, vi } from 'vitest';
import { keepsake } from './keepsake.ts';

afterEach(() => vi.restoreAllMocks());

it('keeps a text under its key', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  } as Storage;
  const name = keepsake('murmur.name', () => storage);
  expect(name.read()).toBeNull();
  name.keep('Quiet wren');
  expect(name.read()).toBe('Quiet wren');
  expect([...kept.keys()]).toEqual(['murmur.name']);
});

it('does without where storage is forbidden, and says so once', () => {
  const said = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const name = keepsake('murmur.name', () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  });
  expect(name.read()).toBeNull();
  expect(() => name.keep('Quiet wren')).not.toThrow();
  expect(said).toHaveBeenCalledOnce();
});
