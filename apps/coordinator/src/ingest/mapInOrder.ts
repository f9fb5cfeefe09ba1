/** Maps a stream with up to `width` calls under way; results come in the order of the input. */
export async function* mapInOrder<In, Out>(
  items: AsyncIterable<In>,
  width: number,
  map: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  try {
    for await (const item of items) {
      underWay.push(map(item));
      if (underWay.length >= width) yield await (underWay.shift() as Promise<Out>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Out>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
