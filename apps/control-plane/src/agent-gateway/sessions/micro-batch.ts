/**
 * Gathers single requests for a moment and answers them by one call: five thousand agents that come back at once are a
 * hundred transactions and not five thousand.
 *
 * Two requests with the same key never share a call (each must see the other's effect), and one call runs at a time,
 * so that a storm cannot take every connection of the pool.
 */
export class MicroBatch<Request, Answer> {
  private waiting: { request: Request; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];
  private running = false;

  /** @param work must answer in the order of the requests */
  constructor(
    private readonly keyOf: (request: Request) => string,
    private readonly work: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    private readonly most = 200,
  ) {}

  /** Nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return !this.running;
  }

  run(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (!this.running) {
        this.running = true;
        setImmediate(() => void this.drain());
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.next();
      try {
        const answers = await this.work(batch.map((one) => one.request));
        batch.forEach((one, index) => one.resolve(answers[index]!));
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    this.running = false;
  }

  private next() {
    const keys = new Set<string>();
    const batch: typeof this.waiting = [];
    const later: typeof this.waiting = [];
    for (const one of this.waiting) {
      const key = this.keyOf(one.request);
      if (batch.length < this.most && !keys.has(key)) batch.push(one);
      else later.push(one);
      keys.add(key);
    }
    this.waiting = later;
    return batch;
  }
}
