import aiCss from './ai.module.css';
import css from '../costs/costs.module.css';
import { Badge } from '../ui/badge';
import { NONE, money, percent, short } from '../ui/format';
import { Card } from '../ui/page';
import { Select } from '../ui/field';
import { Table } from '../ui/table';
import ui from '../ui/ui.module.css';
import { breakEven } from './break-even';
import type { BreakEven } from './break-even';
import { BreakEvenChart } from './break-even-chart';
import { keyOf } from './unit-economics';
import type { Model } from './unit-economics';
import type { Ai } from './use-ai';

interface Props {
  readonly ai: Ai;
  /** Own models. */
  readonly models: readonly Model[];
  readonly currency: string;
}

const VERDICTS: Readonly<
  Record<BreakEven['verdict'], readonly [tone: 'good' | 'warn' | 'bad' | 'plain', words: string]>
> = {
  own_cheaper: ['good', 'own GPUs are cheaper'],
  reachable: ['warn', 'the API is cheaper now'],
  never: ['bad', 'the API is always cheaper'],
  unknown: ['plain', 'not known: use is not measured'],
};

/** One own model against the APIs that could serve the same tokens. */
export function BreakEvenCard({ ai, models, currency }: Props) {
  const comparable = models.filter(({ api }) => api.length > 0);
  const model = comparable.find((one) => keyOf(one) === ai.search.get('model')) ?? comparable[0]!;
  const { useful_share: share, cost, tokens, cost_per_million_tokens: of } = model;
  const millions = (tokens.input + tokens.cached + tokens.output) / 1e6;
  const apis = model.api.map((one) => ({
    ...one,
    perMillion: millions > 0 ? one.cost / millions : null,
    verdict: breakEven(model, one),
  }));
  return (
    <Card
      title="Own GPUs against an API"
      hint="for the same tokens"
      padded
      actions={
        <Select
          label="Own model"
          value={keyOf(model)}
          options={comparable.map((one) => [keyOf(one), one.model_name])}
          onChange={(to) => ai.set({ model: to === keyOf(comparable[0]!) ? null : to })}
        />
      }
    >
      <div className={aiCss['breakEven']}>
        <div className={css['stack']}>
          {share !== null && of.all !== null ? (
            <BreakEvenChart
              label={`What a million tokens of ${model.model_name} costs at each load`}
              now={of.all}
              at={share}
              apis={apis.flatMap(({ model_name: name, perMillion, break_even_utilisation: even }) =>
                perMillion === null ? [] : [{ name, perMillion, even }],
              )}
              currency={currency}
            />
          ) : (
            <p className={ui['hint']}>
              How useful the time of these GPUs was is not measured, so that no curve can be drawn.
            </p>
          )}
        </div>
        <div className={css['stack']}>
          <p className={css['sentence']}>
            <bdi>
              <b>{model.model_name}</b>
            </bdi>{' '}
            cost <b>{money(cost, currency)}</b> for {short(millions * 1e6)} tokens, at a useful share of{' '}
            {percent(share === null ? null : share * 100, 1)}.
          </p>
          <Table
            label="APIs for the same tokens"
            rows={apis}
            keyOf={(one) => `${one.provider}/${one.model_name}`}
            columns={[
              {
                title: 'API',
                cell: (one) => (
                  <span className={css['what']}>
                    <bdi className="name">{one.model_name}</bdi>
                    <span className={ui['hint']}>{one.provider}</span>
                    <span>
                      <Badge tone={VERDICTS[one.verdict?.verdict ?? 'unknown'][0]}>
                        {VERDICTS[one.verdict?.verdict ?? 'unknown'][1]}
                      </Badge>
                    </span>
                  </span>
                ),
              },
              {
                title: 'Would cost',
                number: true,
                cell: (one) => (
                  <span className={aiCss['twoLines']}>
                    {money(one.cost, currency)}
                    <span className={ui['hint']}>{money(one.perMillion, currency, 2)} a million</span>
                  </span>
                ),
              },
              {
                title: 'Break-even',
                number: true,
                cell: ({ break_even_utilisation: even, break_even_tokens_per_hour: perHour }) => (
                  <span className={aiCss['twoLines']}>
                    <b>{even === null ? NONE : even > 1 ? 'never' : `${percent(even * 100)} useful`}</b>
                    <span className={ui['hint']}>{perHour === null ? NONE : `${short(perHour)} tokens an hour`}</span>
                  </span>
                ),
              },
            ]}
          />
          {model.without_api_price.map(({ provider, model_name: name, reason }) => (
            <p key={`${provider}/${name}`} className={ui['hint']}>
              <bdi>{name}</bdi>: {reason}.
            </p>
          ))}
        </div>
      </div>
    </Card>
  );
}
