/**
 * Goes on asking while its reader is busy, until `most` items are ready: making items and taking them go on side by side.
 * A failure is told in its place, after the items before it; a reader that stops ends the source too.
 */
export async function* ahead<T>(items: AsyncGenerator<T>, most: number): AsyncGenerator<T> {
  const ready: T[] = [];
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  let changed = change();
  const tell = () => {
    wake();
    changed = change();
  };
  const filling = (async () => {
    try {
      for await (const item of items) {
        ready.push(item);
        tell();
        while (ready.length >= most && !isOver) await changed;
        if (isOver) return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      isOver = true;
      tell();
    }
  })();
  try {
    for (;;) {
      const item = ready.shift();
      if (item !== undefined) {
        tell();
        yield item;
      } else if (isOver) {
        if (failure) throw failure.error;
        return;
      } else await changed;
    }
  } finally {
    isOver = true;
    tell();
    await filling;
  }
}
