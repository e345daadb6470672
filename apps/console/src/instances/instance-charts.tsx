import { useMemo, useState } from 'react';
import { Swatch } from '../charts/legend';
import { MarkLane } from '../charts/mark-lane';
import { colorOf } from '../charts/theme';
import { useAddress } from '../ui/address';
import { Card } from '../ui/page';
import { RangePicker, useRange } from '../ui/range';
import { duration } from '../ui/format';
import { spanMs } from '../ui/spans';
import { useZone } from '../ui/time';
import { chosenGpus, gpuNames, gpusText } from './gpu-names';
import { kindsOf } from './chart-kinds';
import css from './instance.module.css';
import type { Details } from './instance-screen';
import { MetricChart } from './metric-chart';
import { ThrottleStrip } from './throttle-strip';
import { throttleMarks, throttled } from './throttling';
import { useMarks } from './use-marks';
import { useLiveBuffer, useMetric } from './use-metrics';

/** A span this short goes on by the stream; a longer one would not show a second. */
const LIVE_UP_TO_MS = 6 * 3_600_000;
const BITS = 'throttle_reasons';

/** Every metric of every GPU, one cursor over all of them. */
export function InstanceCharts({ instance }: { readonly instance: Details }) {
  const [{ gpu, last }, set] = useAddress({ gpu: '', last: '6h' });
  const length = spanMs(last) ?? 0;
  const span = useRange('6h', length <= 3_600_000 ? 5_000 : 30_000);
  const { range, setSpan, setLast } = span;
  const zone = useZone();
  const names = useMemo(() => gpuNames(instance.gpus), [instance.gpus]);
  const gpus = instance.gpus.filter(({ kind }) => kind === 'gpu');
  const chosen = useMemo(() => chosenGpus(gpu), [gpu]);
  const isChosen = useMemo(
    () => (index: number | null) => chosen.size === 0 || (index !== null && chosen.has(index)),
    [chosen],
  );
  const { live, version } = useLiveBuffer(instance.id, range.isLive && range.toMs - range.fromMs <= LIVE_UP_TO_MS);
  const bits = useMetric(instance.id, BITS, range, false, null, 0);
  const held = useMemo(() => {
    const shown = bits.shown;
    if (!shown) return [];
    const series = shown.series
      .filter(({ gpuIndex }) => isChosen(gpuIndex))
      .map(({ device, values }) => ({ device, times: shown.times, values: values.map((value) => value ?? null) }));
    return throttled(series, shown.stepMs);
  }, [bits.shown, isChosen]);
  const happened = useMarks(instance, range, bits.shown?.gaps);
  const marks = useMemo(
    () => [...happened, ...throttleMarks(held, (device) => names.get(device) ?? device)],
    [happened, held, names],
  );
  const kinds = kindsOf(instance.gpus, instance.latest?.cpu_utilization !== undefined && instance.agent !== null);
  const plotSpan = useMemo(() => ({ fromMs: range.fromMs, toMs: range.toMs }), [range.fromMs, range.toMs]);
  const [wide, setWide] = useState<string | null>(null);
  const reset = range.isLive ? undefined : () => setLast(last);
  return (
    <>
      <div className={css['tools']}>
        <RangePicker {...span} />
        <span className={css['grow']} />
        <Resolution step={bits.shown?.stepMs} live={live !== null} />
      </div>
      {gpus.length > 1 && (
        <div className={css['gpus']} role="group" aria-label="GPUs that are drawn">
          <button type="button" aria-pressed={chosen.size === 0} onClick={() => set({ gpu: '' })}>
            All GPUs
          </button>
          {gpus.map(({ uuid, index, health }, i) => (
            <button
              key={uuid}
              type="button"
              disabled={index === null}
              aria-pressed={chosen.size > 0 && index !== null && chosen.has(index)}
              title={health === 'healthy' ? undefined : `health: ${health}`}
              onClick={() => index !== null && set({ gpu: gpusText(toggled(chosen, index, gpus.length)) })}
            >
              <Swatch color={colorOf(i)} dashed={i >= 8} />
              {names.get(uuid)}
              {health !== 'healthy' && health !== 'unknown' && <b className={css['sick']}>{health}</b>}
            </button>
          ))}
        </div>
      )}
      <Card padded>
        <h3 className={css['stripTitle']}>What happened</h3>
        {marks.length > 0 ? (
          <MarkLane marks={marks} span={plotSpan} zone={zone} onZoom={setSpan} />
        ) : (
          <p className={css['quiet']}>No alert, action, error or throttling in this span.</p>
        )}
        <ThrottleStrip
          rows={gpus
            .filter(({ index }) => isChosen(index))
            .map(({ uuid }) => ({ device: uuid, name: names.get(uuid)! }))}
          held={held}
          span={plotSpan}
        />
      </Card>
      <div className={css['charts']} data-wide={wide !== null}>
        {kinds.map((kind) => (
          <MetricChart
            key={kind.metric}
            {...{ kind, names, isChosen, live, version, marks, range, gpus: instance.gpus }}
            instanceId={instance.id}
            few={chosen.size > 0 && chosen.size <= 2}
            span={plotSpan}
            onZoom={setSpan}
            onReset={reset}
            wide={wide === kind.metric}
            onWide={() => setWide(wide === kind.metric ? null : kind.metric)}
          />
        ))}
      </div>
    </>
  );
}

/** The last one taken away is all again. */
function toggled(chosen: ReadonlySet<number>, index: number, all: number): ReadonlySet<number> {
  const next = new Set(chosen);
  if (!next.delete(index)) next.add(index);
  return next.size === all ? new Set() : next;
}

function Resolution({ step, live }: { readonly step: number | undefined; readonly live: boolean }) {
  if (step === undefined) return null;
  return (
    <span className={css['quiet']}>
      {step <= 1_000 ? 'every sample' : `a point every ${duration(step / 1_000)}`}
      {live ? ', live' : ''}
    </span>
  );
}
