import type { Condition } from '../../conditions/tree';
import { sweptPoint, withPoint } from '../../conditions/tree';
import { useAddress } from '../../ui/address';
import { Simulated } from '../../ui/badge';
import { Button } from '../../ui/button';
import { CheckField } from '../../ui/field';
import { count, duration, percent } from '../../ui/format';
import { Card, Tiles } from '../../ui/page';
import { ShowCurl } from '../../ui/show-curl';
import { Empty, Failed, Loading } from '../../ui/states';
import { Choice } from '../../ui/tabs';
import ui from '../../ui/ui.module.css';
import { questionOf, stops, unfinished } from '../draft';
import type { Draft } from '../draft';
import css from '../policies.module.css';
import { amountsWords } from '../proof';
import type { Simulation } from '../proof';
import { AffectedInstances } from './affected-instances';
import { KeptBack, keptBackTotal } from './kept-back';
import { SweepCard } from './sweep-card';
import { Timeline } from './timeline';
import { useSimulation } from './use-simulation';

interface Props {
  readonly draft: Draft;
  readonly onConditions: (conditions: Condition) => void;
}

/** The same evaluator that decides live, over the minutes that are stored: what this policy would have done. */
export function SimulateTab({ draft, onConditions }: Props) {
  const [{ days, gate }, setAddress] = useAddress({ days: '7', gate: 'on' });
  const lookback = Math.min(90, Math.max(1, Number(days) || 7));
  const asked = { days: lookback, gate: gate !== 'off' };
  const simulation = useSimulation(draft, asked);
  const found = simulation.data?.data;
  const why = unfinished({ ...draft, policy_name: '-' });
  return (
    <>
      <div className={css['row']}>
        <Choice
          label="How far back"
          value={days}
          options={[
            ['1', '1 day'],
            ['7', '7 days'],
            ['30', '30 days'],
            ['90', '90 days'],
          ]}
          onChange={(to) => setAddress({ days: to })}
        />
        <CheckField
          label="Ask the safe-stop gate"
          checked={asked.gate}
          onChange={(on) => setAddress({ gate: on ? 'on' : 'off' })}
        />
        {found?.simulated && <Simulated />}
        <span className={css['grow']} />
        <ShowCurl
          method="POST"
          path="/api/enforcement-policies/simulate"
          body={{ ...questionOf(draft), lookback_days: lookback, gate: asked.gate, sweep: true }}
        />
        <Button
          disabled={why !== null}
          busy={simulation.isFetching && 'Replaying …'}
          onClick={() => void simulation.refetch()}
        >
          Simulate again
        </Button>
      </div>
      {why !== null && <Empty title={why}>Finish the rule, and this shows what it would have done.</Empty>}
      {why === null && simulation.isPending && (
        <Card title={`Replaying ${duration(lookback * 86_400)} of the fleet, minute by minute …`}>
          <Loading lines={8} height={22} />
        </Card>
      )}
      {simulation.isError && <Failed error={simulation.error} retry={() => void simulation.refetch()} />}
      {found && (
        <>
          {!stops(draft) && (
            <p className={`${css['note']} ${ui['accent']}`}>
              This policy stops nothing. To tell how often it would have triggered, the figures are those of a stop in
              its place.
            </p>
          )}
          <Tiles items={tilesOf(found)} />
          <Timeline found={found} />
          {found.sweep && (
            <SweepCard
              sweep={found.sweep}
              current={sweptPoint(draft.conditions, found.evaluated.busy_from_percent)}
              onChoose={({ threshold, duration: minutes }) =>
                onConditions(withPoint(draft.conditions, threshold, minutes))
              }
            />
          )}
          <KeptBack blocked={found.blocked} />
          <AffectedInstances found={found} />
          <Card title="How to read this" padded>
            <ul className={css['words']}>
              <li>
                {count(found.evaluated.instances)} instances were looked at
                {found.evaluated.without_gpu_utilization > 0 &&
                  `; of ${count(found.evaluated.without_gpu_utilization)} nothing is known of their GPUs`}
                . A GPU counts as busy again from {percent(found.evaluated.busy_from_percent)} on.
              </li>
              {found.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </Card>
        </>
      )}
    </>
  );
}

function tilesOf(found: Simulation) {
  const { total_stops: total, false_stops: wrong, undecided_stops: open, precision } = found;
  const apart = [
    found.unpriced_hours > 0 && `${duration(found.unpriced_hours * 3_600)} unpriced`,
    found.unsaved_hours > 0 && `${duration(found.unsaved_hours * 3_600)} paid anyhow`,
  ].filter((one) => one !== false);
  const hit = found.instances.filter((one) => one.stops > 0).length;
  return [
    {
      label: 'Would have stopped',
      value: count(total),
      note: `${total === 1 ? 'time' : 'times'}, ${count(hit)} ${hit === 1 ? 'instance' : 'instances'}, of ${count(found.total_triggers)} triggers`,
    },
    {
      label: 'Avoidable',
      value: amountsWords(found.avoidable),
      note: [`${duration(found.priced_hours * 3_600)} off`, ...apart].join(', '),
    },
    {
      label: 'False stops',
      value: count(wrong),
      note:
        precision === null
          ? `busy again within 60 min; ${open > 0 ? `${count(open)} not decided yet` : 'none to judge'}`
          : `${percent(precision * 100)} were right${open > 0 ? `, ${count(open)} not decided yet` : ''}`,
      tone: wrong > 0 ? ('bad' as const) : ('plain' as const),
    },
    {
      label: 'Kept back',
      value: count(keptBackTotal(found.blocked)),
      note: 'triggers that stopped nothing, and why below',
    },
  ];
}
