import pg from 'pg';

export type NotificationHandler = (payload: string) => void;

/**
 * LISTEN on one connection of its own, reconnecting for ever.
 *
 * A notification is a hint and not a message: what happened while the connection was away is lost. So every listener
 * also polls, and `onReconnect` tells it to look at once.
 */
export class Notifications {
  private client: pg.Client | undefined;
  private readonly handlers = new Map<string, Set<NotificationHandler>>();
  private readonly reconnectHandlers = new Set<() => void>();
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly connectionString: string,
    private readonly onError: (error: Error) => void,
  ) {}

  async listen(channel: string, handler: NotificationHandler): Promise<() => void> {
    const handlers = this.handlers.get(channel) ?? new Set();
    handlers.add(handler);
    const isNew = !this.handlers.has(channel);
    this.handlers.set(channel, handlers);
    if (!this.client) await this.connect();
    else if (isNew) await this.client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return () => void handlers.delete(handler);
  }

  /** Calls `handler` after each reconnection: notifications may have been missed. */
  onReconnect(handler: () => void): void {
    this.reconnectHandlers.add(handler);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.connectionString, keepAlive: true });
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client, new Error('the connection for notifications ended')));
    client.on('notification', ({ channel, payload }) => {
      for (const handler of this.handlers.get(channel) ?? []) handler(payload ?? '');
    });
    this.client = client;
    try {
      await client.connect();
      for (const channel of this.handlers.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      this.lost(client, error as Error);
    }
  }

  private lost(client: pg.Client, error: Error): void {
    if (this.closed || this.client !== client) return;
    this.client = undefined;
    this.onError(error);
    void client.end().catch(() => undefined);
    this.retry = setTimeout(() => {
      void this.connect().then(() => {
        if (this.client) for (const handler of this.reconnectHandlers) handler();
      });
    }, 500);
  }
}
