import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { StreamQuery } from '@flotilla/contracts';
import type { Response } from 'express';
import { AppError, Authenticator, CurrentActor, raw, Route } from '../platform/index.js';
import type { FlotillaRequest, RequestActor } from '../platform/index.js';
import { StreamHub } from './stream.hub.js';
import { StreamSubscriber } from './stream.subscriber.js';

/** How often the caller is looked at again: a disabled user, a revoked key and an ended token end their streams. */
const LOOK_AGAIN_MS = 20_000;

@Controller('stream')
export class StreamController {
  constructor(
    private readonly hub: StreamHub,
    private readonly authenticator: Authenticator,
  ) {}

  @Route({
    summary: 'Server-sent events of the fleet: metrics, instance, action, alert, agent, event, log',
    description:
      'Not in the envelope. `log` is what GET /events lists: with Last-Event-ID none is missed, whichever replica answers, also after a restart. metrics, instance, action, agent show how things stand now; `event` is what an agent tells: Xids, a GPU that is lost or sick, a driver that changed. Besides: ready (first), reset (load what you show anew), dropped (why the stream ends).',
    access: 'viewer',
    response: raw('text/event-stream'),
  })
  @Get()
  open(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: StreamQuery }) query: StreamQuery,
    @Req() request: FlotillaRequest,
    @Res() response: Response,
  ): void {
    this.hub.mayJoin(actor.tenantId);
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    const subscriber = new StreamSubscriber(
      actor.tenantId,
      query.events ? new Set(query.events) : null,
      response,
      query.types ?? null,
    );
    const lookAgain = setInterval(() => void this.stillAllowed(request, subscriber), LOOK_AGAIN_MS);
    response.on('close', () => {
      clearInterval(lookAgain);
      this.hub.leave(subscriber);
    });
    const lastEventId = request.headers['last-event-id'];
    void this.hub.join(subscriber, typeof lastEventId === 'string' && lastEventId ? lastEventId.slice(0, 100) : null);
  }

  private async stillAllowed(request: FlotillaRequest, subscriber: StreamSubscriber): Promise<void> {
    try {
      await this.authenticator.authenticate(request);
    } catch (error) {
      // a database that is away for a moment says nothing about the caller
      if (error instanceof AppError && error.code === 'AUTH_ERROR') subscriber.end('auth', error.message);
    }
  }
}
