import { Injectable } from '@nestjs/common';
import { SYNC_MOST_ELEMENTS } from '@flotilla/contracts';
import type { ActionResultsBody, SyncAnswer, SyncBody } from '@flotilla/contracts';
import { ActionResultElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { z } from 'zod';
import { ActionDispatch, AgentActors, Controllers } from '../actions/index.js';
import { wireVerb } from '../actions/index.js';
import type { ClaimedOffer } from '../actions/index.js';
import { GpuHealthService } from '../instances/index.js';
import { AppError } from '../platform/index.js';
import { readElements } from './sync.elements.js';
import { SyncSections } from './sync.sections.js';
import type { SectionOutcome } from './sync.sections.js';

/** When an agent should call again: often while something of it is under way. */
const NEXT_SYNC_S = 30;
const NEXT_SYNC_BUSY_S = 5;
/** An offer in an answer that got lost comes again after this; a host that is still at it answers by its id. */
const OFFER_S = 60;
const MOST_OFFERS = 100;

const SECTIONS = ['instances', 'metrics', 'errors', 'costs', 'ai_spend', 'alerts'] as const;
const OTHER_FIELDS = ['controls', 'running_actions', 'cleared_health'];

type Answer = z.input<typeof SyncAnswer>;
type Offer = Answer['actions'][number];

/** The agents' way over HTTP alone: what they report goes in, what they shall do comes out. */
@Injectable()
export class SyncService {
  constructor(
    private readonly db: Db,
    private readonly sections: SyncSections,
    private readonly dispatch: ActionDispatch,
    private readonly controllers: Controllers,
    private readonly actors: AgentActors,
    private readonly health: GpuHealthService,
  ) {}

  /** @throws AppError PAYLOAD_TOO_LARGE for more than 100,000 elements in all sections together */
  async sync(agent: AgentRef, body: SyncBody): Promise<Answer> {
    limitElements(body);
    await this.called(agent, body.controls === undefined);
    await this.controllers.announce(
      agent,
      (body.controls ?? []).map(({ instance_ids, ...control }) => ({ ...control, instanceIds: instance_ids })),
    );
    const answer: Partial<Record<(typeof SECTIONS)[number], SectionOutcome>> = {};
    // instances first: samples and errors of this very body belong to them
    for (const section of SECTIONS) {
      const elements = body[section];
      if (elements) answer[section] = await this.sections.store(agent, section, elements);
    }
    const running = body.running_actions ?? [];
    for (const { action_id, fence } of running) await this.dispatch.accepted(agent, action_id, fence);
    await this.dispatch.renew(
      agent,
      running.map((action) => action.action_id),
    );
    await this.health.taken(agent, body.cleared_health ?? []);
    const clears = await this.health.waitingFor([agent]);
    const offers = await this.dispatch.claim([agent], MOST_OFFERS, OFFER_S);
    const busy = running.length > 0 || offers.length > 0 || clears.length > 0;
    return {
      ...(answer as object),
      ...(await this.unknownSections(agent, body)),
      actions: offers.map(actionOf),
      clear_health: clears.map(({ id, device, by, atMs }) => ({
        id,
        gpu_uuid: device,
        requested_by: by,
        requested_at: new Date(atMs),
      })),
      next_sync_seconds: busy ? NEXT_SYNC_BUSY_S : NEXT_SYNC_S,
    };
  }

  /** Stores outcomes of actions; the same one twice is a duplicate. */
  async results(agent: AgentRef, body: ActionResultsBody) {
    const { read, rejected } = readElements(ActionResultElement, body.results);
    let accepted = 0;
    let duplicates = 0;
    for (const { index, element } of read) {
      const kind = await this.dispatch.settle(agent, element.action_id, element.fence, {
        outcome: element.outcome,
        message: element.message,
        exitCode: element.exit_code ?? null,
        output: element.output,
        outputTruncated: element.output_truncated,
        startedAtMs: element.started_at === undefined ? null : Date.parse(element.started_at),
        finishedAtMs: element.finished_at === undefined ? null : Date.parse(element.finished_at),
        observedState: element.observed_state ?? null,
      });
      if (kind === 'repeat') duplicates++;
      else if (kind === 'settle' || kind === 'keep') accepted++;
      else rejected.push({ index, error: REFUSED[kind] });
    }
    rejected.sort((a, b) => a.index - b.index);
    return { accepted, duplicates, rejected };
  }

  private async called(agent: AgentRef, controlsReported: boolean): Promise<void> {
    await this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('when an agent called last');
      await tx.rows(
        `INSERT INTO flotilla.sync_agents AS s (tenant_id, agent_id, controls_reported) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, agent_id) DO UPDATE SET last_sync_at = now(), controls_reported = excluded.controls_reported`,
        [agent.tenantId, agent.agentId, controlsReported],
      );
    });
  }

  private async unknownSections(agent: AgentRef, body: SyncBody): Promise<Pick<Answer, 'unknown_sections'>> {
    const names = Object.keys(body).filter(
      (name) => !(SECTIONS as readonly string[]).includes(name) && !OTHER_FIELDS.includes(name),
    );
    if (names.length === 0) return {};
    const answers = await Promise.all(
      names.slice(0, 50).map(async (name) => [name.slice(0, 64), await this.sections.store(agent, name, [])] as const),
    );
    return { unknown_sections: Object.fromEntries(answers) as never };
  }
}

const REFUSED = {
  not_its_action: 'this agent has no such action',
  remark: 'the fence is not the one of the newest offer: the result was refused and noted in the timeline',
} as const;

function limitElements(body: SyncBody): void {
  const elements = SECTIONS.reduce((sum, section) => sum + (body[section]?.length ?? 0), 0);
  if (elements <= SYNC_MOST_ELEMENTS) return;
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The body has ${elements} elements. Send at most ${SYNC_MOST_ELEMENTS} at once.`,
    {
      field: 'body',
      value: elements,
      expected: `at most ${SYNC_MOST_ELEMENTS} elements`,
    },
  );
}

function actionOf(offer: ClaimedOffer): Offer {
  const { force, idleSinceMs, idleBelowPercent, generation, knownProcesses } = offer.precondition;
  return {
    action_id: offer.actionId,
    fence: offer.fence,
    verb: wireVerb(offer),
    instance_id: offer.instanceId,
    control_kind: offer.controlKind,
    arguments: { ...offer.arguments },
    precondition: {
      force,
      idle_since: idleSinceMs === 0 ? null : new Date(idleSinceMs),
      idle_below_percent: idleSinceMs === 0 ? null : idleBelowPercent,
      generation,
      known_processes:
        knownProcesses?.map(({ device, pid, name, startedAtMs }) => ({
          device,
          pid,
          name,
          started_at_ms: startedAtMs,
        })) ?? null,
    },
    expires_at: new Date(offer.expiresAtMs),
    reason: offer.reason,
  };
}
