import { formatTime } from '../ui/time';

/** In the order in which they come, under the day of each in a zone: "Today", "Yesterday", "Thursday, November 19". */
export function daysOf<T>(
  rows: readonly T[],
  timeOf: (row: T) => string,
  zone: string,
  now = Date.now(),
): (readonly [day: string, rows: T[]])[] {
  const dayOf = (ms: number | string) => formatTime(ms, zone, { dateStyle: 'short' });
  const [today, yesterday] = [dayOf(now), dayOf(now - 86_400_000)];
  const days: [string, T[]][] = [];
  for (const row of rows) {
    const short = dayOf(timeOf(row));
    const day =
      short === today
        ? 'Today'
        : short === yesterday
          ? 'Yesterday'
          : formatTime(timeOf(row), zone, { weekday: 'long', day: 'numeric', month: 'long' });
    const known = days.find(([name]) => name === day);
    if (known) known[1].push(row);
    else days.push([day, [row]]);
  }
  return days;
}
