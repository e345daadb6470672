import { NONE, celsius, money, percent, watts } from '../ui/format';
import { wastedPerDay } from './gpus';
import type { FleetAnswer } from './gpus';

export const COLOURINGS = ['utilisation', 'memory', 'temperature', 'power', 'health', 'wasted'] as const;
export type Colouring = (typeof COLOURINGS)[number];
type Theme = 'light' | 'dark';
type Rgb = readonly [number, number, number];

/** Steps of a scale: more are not told apart, and drawing by colour stays quick. */
export const STEPS = 24;

/** From nothing to everything, in growing or falling lightness, so that it reads without its hue. */
const RAMPS: Readonly<Record<'amount' | 'heat' | 'waste', Readonly<Record<Theme, readonly string[]>>>> = {
  amount: {
    light: ['#dfe6ea', '#8fcdc6', '#23948d', '#0a5a55', '#03302e'],
    dark: ['#222c37', '#14534f', '#1f8f86', '#54cfc2', '#d3f7f1'],
  },
  heat: {
    light: ['#4575b4', '#a6cbe3', '#f7e08b', '#ee8a4a', '#a50f26'],
    dark: ['#3f6fb0', '#8fbad9', '#f2dc86', '#f08a4b', '#ff4d4d'],
  },
  waste: {
    light: ['#e6e9ee', '#c3bdf2', '#8c82e0', '#5a4dc2', '#2f2286'],
    dark: ['#222a35', '#433c86', '#6d63c8', '#9f97f2', '#dedbff'],
  },
};
const HEALTH: Readonly<Record<string, Readonly<Record<Theme, string>>>> = {
  healthy: { light: '#8fcdc6', dark: '#1f6f69' },
  degraded: { light: '#d99a1c', dark: '#e9b04a' },
  unhealthy: { light: '#b42318', dark: '#ff6f5e' },
};

interface Kind {
  readonly words: string;
  readonly ramp: keyof typeof RAMPS;
  /** The value of a GPU; null: not reported. */
  readonly value: (fleet: FleetAnswer, i: number) => number | null;
  /** From where to where the scale goes. */
  readonly domain: (values: readonly (number | null)[]) => readonly [number, number];
  readonly format: (value: number | null, currency: string) => string;
}

const largest = (values: readonly (number | null)[], least: number) =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), least);

export const KINDS: Readonly<Record<Exclude<Colouring, 'health'>, Kind>> = {
  utilisation: {
    words: 'Utilisation',
    ramp: 'amount',
    value: ({ gpus }, i) => gpus.utilization[i] ?? null,
    domain: () => [0, 100],
    format: (value) => percent(value),
  },
  memory: {
    words: 'Memory',
    ramp: 'amount',
    value: ({ gpus }, i) => gpus.memory[i] ?? null,
    domain: () => [0, 100],
    format: (value) => percent(value),
  },
  temperature: {
    words: 'Temperature',
    ramp: 'heat',
    value: ({ gpus }, i) => gpus.temperature[i] ?? null,
    // where GPUs begin to slow themselves down the scale ends
    domain: () => [25, 90],
    format: (value) => celsius(value),
  },
  power: {
    words: 'Power',
    ramp: 'amount',
    value: ({ gpus }, i) => gpus.power[i] ?? null,
    domain: (values) => [0, Math.ceil(largest(values, 100) / 100) * 100],
    format: (value) => watts(value),
  },
  wasted: {
    words: 'Money idle',
    ramp: 'waste',
    value: wastedPerDay,
    domain: (values) => [0, largest(values, 1)],
    format: (value, currency) => (value === null ? NONE : `${money(value, currency)} a day`),
  },
};
export const wordsOf = (colouring: Colouring): string => (colouring === 'health' ? 'Health' : KINDS[colouring].words);

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** @param share 0 to 1 of the way along */
export function rampColour(ramp: keyof typeof RAMPS, theme: Theme, share: number): string {
  const anchors = RAMPS[ramp][theme];
  const at = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const from = Math.min(anchors.length - 2, Math.floor(at));
  const [a, b] = [rgb(anchors[from]!), rgb(anchors[from + 1]!)];
  const mixed = a.map((part, i) => Math.round(part + (b[i]! - part) * (at - from)));
  return `rgb(${mixed.join(' ')})`;
}

export interface Scale {
  /** Colours that are used, by number. */
  readonly colours: readonly string[];
  /** The colour's number of each GPU; -1: there is no value. */
  readonly steps: Int8Array;
  /** Of the scale's ends; null: it is no scale but a few words. */
  readonly domain: readonly [number, number] | null;
}

/** The colour of every GPU. */
export function scaleOf(fleet: FleetAnswer, colouring: Colouring, theme: Theme): Scale {
  const count = fleet.gpus.instance.length;
  const steps = new Int8Array(count);
  if (colouring === 'health') {
    const words = Object.keys(HEALTH);
    for (let i = 0; i < count; i++) steps[i] = words.indexOf(fleet.gpus.health[i]!);
    return { colours: words.map((word) => HEALTH[word]![theme]), steps, domain: null };
  }
  const { value, domain, ramp } = KINDS[colouring];
  const values = Array.from({ length: count }, (_, i) => value(fleet, i));
  const [from, to] = domain(values);
  for (let i = 0; i < count; i++) {
    const one = values[i] ?? null;
    steps[i] = one === null ? -1 : Math.round(Math.min(1, Math.max(0, (one - from) / (to - from))) * (STEPS - 1));
  }
  const colours = Array.from({ length: STEPS }, (_, step) => rampColour(ramp, theme, step / (STEPS - 1)));
  return { colours, steps, domain: [from, to] };
}
