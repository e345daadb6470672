import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import {
  AlertRule,
  AlertRuleFiring,
  AlertRuleHistoryQuery,
  AlertRuleQuery,
  AlertRuleTest,
  BuiltInKey,
  BuiltInRule,
  CreateAlertRuleBody,
  Done,
  Id,
  TestAlertRuleBody,
  UpdateAlertRuleBody,
  UpdateBuiltInRuleBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AlertRuleTestService } from './alert-rule-test.service.js';
import { AlertRulesQueries } from './alert-rules.queries.js';
import { AlertRulesService } from './alert-rules.service.js';
import { BuiltInRulesQueries } from './built-in-rules.queries.js';
import { BuiltInRulesService } from './built-in-rules.service.js';

@Controller('alert-rules')
export class AlertRulesController {
  constructor(
    private readonly queries: AlertRulesQueries,
    private readonly rules: AlertRulesService,
    private readonly builtInQueries: BuiltInRulesQueries,
    private readonly builtIn: BuiltInRulesService,
    private readonly tests: AlertRuleTestService,
  ) {}

  @Route({ summary: 'List alert rules', access: 'viewer', response: list(AlertRule) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AlertRuleQuery }) query: AlertRuleQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make an alert rule',
    description:
      'It is evaluated each minute on what agents stored. A condition that holds already fires with the next minute. `warnings` say what is strange about it.',
    access: 'admin',
    status: 201,
    response: one(AlertRule),
    errors: [404, 409],
  })
  @Post()
  async create(@CurrentActor() actor: RequestActor, @Body({ schema: CreateAlertRuleBody }) body: CreateAlertRuleBody) {
    return this.queries.get(actor, await this.rules.create(actor, body));
  }

  @Route({
    summary: 'What an alert rule would have done',
    description:
      'The evaluator of the live engine over the stored minutes of the last days. Takes the body of a rule as it is. Nothing is changed and nobody is told.',
    access: 'viewer',
    status: 200,
    response: one(AlertRuleTest),
    errors: [404],
  })
  @Post('test')
  test(@CurrentActor() actor: RequestActor, @Body({ schema: TestAlertRuleBody }) body: TestAlertRuleBody) {
    return this.tests.test(actor, body);
  }

  @Route({
    summary: 'List the rules that nobody has to write',
    access: 'viewer',
    response: list(BuiltInRule),
  })
  @Get('built-in')
  builtInRules(@CurrentActor() actor: RequestActor) {
    return this.builtInQueries.list(actor);
  }

  @Route({
    summary: 'Switch a built-in rule off or on, or change its severity, channels or escalation',
    description: 'Fields that are left out stay as they are. Switched off, its alerts end.',
    access: 'admin',
    response: one(BuiltInRule),
    errors: [404],
  })
  @Patch('built-in/:key')
  async updateBuiltIn(
    @CurrentActor() actor: RequestActor,
    @Param('key', { schema: BuiltInKey }) key: string,
    @Body({ schema: UpdateBuiltInRuleBody }) body: UpdateBuiltInRuleBody,
  ) {
    await this.builtIn.update(actor, key, body);
    return this.builtInQueries.get(actor, key);
  }

  @Route({ summary: 'One alert rule', access: 'viewer', response: one(AlertRule), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'When a rule fired, on which instances, with which numbers, and who was told',
    access: 'viewer',
    response: list(AlertRuleFiring),
    errors: [404],
  })
  @Get(':id/history')
  history(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: AlertRuleHistoryQuery }) query: AlertRuleHistoryQuery,
  ) {
    return this.queries.history(actor, id, query);
  }

  @Route({
    summary: 'Change an alert rule',
    description: 'Fields that are left out stay as they are. Disabled, its alerts end.',
    access: 'admin',
    response: one(AlertRule),
    errors: [404, 409],
  })
  @Put(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateAlertRuleBody }) body: UpdateAlertRuleBody,
  ) {
    await this.rules.update(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Delete an alert rule; its alerts end and stay',
    access: 'admin',
    response: one(Done),
    errors: [404],
  })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.rules.remove(actor, id);
    return { done: true } as const;
  }
}
