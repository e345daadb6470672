import { decisionMetric } from '@flotilla/domain';
import type { LeafCondition } from '@flotilla/domain';
import type { SimulationQuestion } from './simulation-question.js';

/** What the figures of a simulation leave out, for whoever decides by them. */
export function notesOf(question: SimulationQuestion, canSweep: boolean, leaves: readonly LeafCondition[]): string[] {
  const notes: string[] = [];
  if (question.stopIsAssumed) {
    notes.push('None of the actions stops anything: the stops are those of an action stop_instances in their place.');
  }
  if (question.gate) {
    notes.push(
      'The gate is asked with what the past still tells: utilisation, memory and what is known of the machine now. Lists of processes, open actions, bills and maintenance windows of that time are not looked at, so it refuses whatever held more GPU memory than the driver itself does.',
    );
  }
  if (question.sweep && !canSweep) {
    notes.push(
      'There is no sweep: no condition that must hold says that all GPUs are below a utilisation, or idle for a time.',
    );
  }
  const money = leaves.some(({ metric }) => ['budget', 'ai_spend'].includes(decisionMetric(metric)?.source ?? ''));
  if (money) {
    notes.push('Spend of the past is that of the ledger today: bills that came later are in it. A day grows evenly.');
  }
  notes.push(
    'Instances ran on in truth: what would have started or stopped elsewhere because of a stop is not in it. Samples that came after their minute was decided are.',
  );
  return notes;
}
