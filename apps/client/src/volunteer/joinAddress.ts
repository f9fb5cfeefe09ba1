/** The join token of an address: `#join=…` (never sent to a server) or `?join=…`. */
export function joinToken(address: { hash: string; search: string }): string | undefined {
  const fromHash = new URLSearchParams(address.hash.replace(/^#/, '')).get('join');
  const token = fromHash ?? new URLSearchParams(address.search).get('join');
  return token === null || token === '' ? undefined : token;
}

/** The one way of computing that `?backend=…` asks for, to try it out; none where every way may be used. */
export function backendAsked({ search }: { search: string }): string | undefined {
  return new URLSearchParams(search).get('backend') || undefined;
}
