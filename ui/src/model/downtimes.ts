// Downtimes as a person plans them: for which monitors and groups, from when to when or how often, and whether it is on.
import { readTime } from './format';
import { asList, asObject, asText, asTexts, listIn, type Json } from './json';

export type DowntimeState = 'active' | 'scheduled' | 'ended' | 'canceled';

export interface Downtime {
  id: string;
  state: DowntimeState;
  scope: string;
  message: string;
  monitor_id: string; // '' when it goes by tags
  monitor_name: string;
  monitor_tags: string[];
  start_s: number | null; // of the period that is on, or the next
  end_s: number | null; // null: until canceled
  timezone: string;
  rules: { rrule: string; duration: string }[]; // empty: once
  created_s: number | null;
  canceled_s: number | null;
}

export function readDowntimes(answer: unknown): Downtime[] {
  const names = new Map(asList(asObject(answer)['included']).map(asObject).map((one) => [asText(one['id']), asText(asObject(one['attributes'])['name'])]));
  return listIn(answer, 'data').map((one) => readDowntime(one, names));
}

function readDowntime(value: unknown, names: ReadonlyMap<string, string>): Downtime {
  const raw = asObject(value);
  const attributes = asObject(raw['attributes']);
  const who = asObject(attributes['monitor_identifier']);
  const schedule = asObject(attributes['schedule']);
  const current = schedule['current_downtime'] === undefined ? schedule : asObject(schedule['current_downtime']);
  const monitor_id = asText(who['monitor_id']);
  return {
    id: asText(raw['id']),
    state: stateOf(asText(attributes['status'])),
    scope: asText(attributes['scope']),
    message: asText(attributes['message']),
    monitor_id,
    monitor_name: names.get(monitor_id) ?? '',
    monitor_tags: asTexts(who['monitor_tags']),
    start_s: readTime(current['start']),
    end_s: readTime(current['end']),
    timezone: asText(schedule['timezone']),
    rules: asList(schedule['recurrences']).map(asObject).map((one) => ({ rrule: asText(one['rrule']), duration: asText(one['duration']) })),
    created_s: readTime(attributes['created']),
    canceled_s: readTime(attributes['canceled']),
  };
}

function stateOf(text: string): DowntimeState {
  return text === 'active' || text === 'scheduled' || text === 'canceled' ? text : 'ended';
}

const kDays: Readonly<Record<string, string>> = { MO: 'Monday', TU: 'Tuesday', WE: 'Wednesday', TH: 'Thursday', FR: 'Friday', SA: 'Saturday', SU: 'Sunday' };
const kUnits: Readonly<Record<string, string>> = { HOURLY: 'hour', DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };

// "every week on Tuesday"; a rule that says more is shown as it is.
export function ruleWords(rrule: string): string {
  const parts = new Map(rrule.split(';').map((part) => part.split('=') as [string, string]));
  const unit = kUnits[parts.get('FREQ') ?? ''];
  const every = parts.get('INTERVAL') ?? '1';
  const days = (parts.get('BYDAY') ?? '').split(',').filter((day) => day !== '');
  const known = [...parts.keys()].every((key) => ['FREQ', 'INTERVAL', 'BYDAY'].includes(key));
  if (unit === undefined || !known || !/^\d+$/.test(every) || days.some((day) => kDays[day] === undefined)) return rrule;
  const on = days.length === 0 ? '' : ` on ${days.map((day) => kDays[day]).join(', ')}`;
  return `every ${every === '1' ? unit : `${every} ${unit}s`}${on}`;
}

export interface NewDowntime {
  monitor: string; // an id, or tags divided by commas; '' or '*': every monitor
  scope: string;
  message: string;
  start: string; // of a datetime-local field, in `timezone`; '' now
  minutes: number; // 0: until canceled; not for a repeated one
  repeat: string; // '' once, else an RRULE
  timezone: string;
}

// The body of POST /api/v2/downtime.
export function downtimeBody(wanted: NewDowntime, now_s: number): Json {
  const monitor = wanted.monitor.trim();
  const tags = monitor === '' ? ['*'] : monitor.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  const schedule: Json = {};
  if (wanted.repeat !== '') {
    schedule['timezone'] = wanted.timezone;
    schedule['recurrences'] = [{ rrule: wanted.repeat, duration: `${wanted.minutes}m`, ...(wanted.start === '' ? {} : { start: wanted.start }) }];
  } else {
    const start_s = wanted.start === '' ? null : Date.parse(wanted.start) / 1000;
    if (start_s !== null) schedule['start'] = isoTime(start_s);
    schedule['end'] = wanted.minutes === 0 ? null : isoTime((start_s ?? now_s) + wanted.minutes * 60);
  }
  return {
    data: {
      type: 'downtime',
      attributes: {
        monitor_identifier: /^\d+$/.test(monitor) ? { monitor_id: Number(monitor) } : { monitor_tags: tags },
        scope: wanted.scope.trim() === '' ? '*' : wanted.scope.trim(),
        ...(wanted.message.trim() === '' ? {} : { message: wanted.message.trim() }),
        display_timezone: wanted.timezone,
        schedule,
      },
    },
  };
}

function isoTime(time_s: number): string {
  return new Date(Math.floor(time_s) * 1000).toISOString().replace('.000', '');
}

export interface Mute {
  scope: string;
  end_s: number | null; // null: until it is lifted
}

// Mutes of one monitor: `options.silenced` maps a scope to its end.
export function mutesOf(monitor: unknown): Mute[] {
  const silenced = asObject(asObject(asObject(monitor)['options'])['silenced']);
  return Object.entries(silenced).map(([scope, end]) => ({ scope, end_s: readTime(end) }));
}
