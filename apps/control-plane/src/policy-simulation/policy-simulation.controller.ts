import { Body, Controller, Post } from '@nestjs/common';
import { PolicySimulation, SimulatePolicyBody } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { PolicySimulationService } from './policy-simulation.service.js';

@Controller('enforcement-policies')
export class PolicySimulationController {
  constructor(private readonly simulation: PolicySimulationService) {}

  @Route({
    summary: 'What a policy would have done',
    description:
      'The evaluator of the live engine over the stored minutes of the past: to the minute the same triggers. Besides: what the stops would have avoided, which of them would have been wrong, what kept the policy from acting, and (`sweep`) what other thresholds and durations would have done. Nothing is changed.',
    access: 'viewer',
    status: 200,
    response: one(PolicySimulation),
    errors: [404],
  })
  @Post('simulate')
  simulate(@CurrentActor() actor: RequestActor, @Body({ schema: SimulatePolicyBody }) body: SimulatePolicyBody) {
    return this.simulation.simulate(actor, body);
  }
}
