/**
 * At most so many at once; the others wait here, in order, and not for a connection of the pool, where waiting ends in a
 * time-out: a fleet that comes back at once is slow and not wrong.
 */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    // whoever leaves hands its place over, so that nobody slips in between
    if (this.running >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
