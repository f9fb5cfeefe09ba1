import { describe, expect, it } from 'vitest';
import { cleanName, friendlyName } from './friendlyName.ts';
import { backendAsked, joinToken } from './joinAddress.ts';

describe('joinToken', () => {
  it('reads the fragment first, then the query', () => {
    expect(joinToken({ hash: '#join=abc', search: '?join=xyz' })).toBe('abc');
    expect(joinToken({ hash: '', search: '?join=xyz' })).toBe('xyz');
    expect(joinToken({ hash: '#lang=en&join=a%2Bb', search: '' })).toBe('a+b');
  });

  it('takes an empty one as none', () => {
    expect(joinToken({ hash: '#join=', search: '' })).toBeUndefined();
    expect(joinToken({ hash: '', search: '' })).toBeUndefined();
  });
});

describe('backendAsked', () => {
  it('reads the query', () => {
    expect(backendAsked({ search: '?backend=webgl&join=abc' })).toBe('webgl');
    expect([backendAsked({ search: '' }), backendAsked({ search: '?backend=' })]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('names', () => {
  it('are two words for any pair of shares', () => {
    expect(friendlyName(0, 0)).toBe('Quiet starling');
    expect(friendlyName(0.999, 0.999)).toBe('Wild martin');
  });

  it('are cleaned to what the coordinator accepts', () => {
    expect(cleanName('  Ada \n Lovelace ', 'Quiet wren')).toBe('Ada Lovelace');
    expect(cleanName('   ', 'Quiet wren')).toBe('Quiet wren');
    expect(cleanName('x'.repeat(80), 'Quiet wren')).toHaveLength(60);
  });
});
