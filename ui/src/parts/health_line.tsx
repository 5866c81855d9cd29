import { useEffect, useState } from 'react';
import type { ResourceOptions } from '../api/resource';
import { addSample, isOk, type Health, type Ingestion, type Sample } from '../model/ingestion';
import { Icon } from './icon';

export const kHealthPath = '/api/godseye/v1/health';
export const kHealthOptions: ResourceOptions = { topics: ['health'], poll_ms: 10_000, alsoOk: 503 };

const kWords: Readonly<Record<Health['state'], string>> = {
  ok: 'Everything is healthy',
  degraded: 'Degraded: data is kept, but not everything can be queried',
  failing: 'Failing: telemetry is being refused',
  unknown: 'Health is unknown',
};

// One line for the whole; a line more for each part that is not well, with its reason.
export function HealthLine({ health }: { health: Health }) {
  const tone = { ok: 'good', degraded: 'warn', failing: 'bad', unknown: 'none' }[health.state];
  const unwell = health.parts.filter((part) => !isOk(part.state));
  return (
    <div className={`health health-${tone}`}>
      <p>
        <Icon name={health.state === 'ok' ? 'ok' : health.state === 'unknown' ? 'unknown' : 'alert'} /> {kWords[health.state]}
      </p>
      {unwell.map((part) => (
        <p key={part.name} className="health-part">
          <strong>{part.name}</strong> {part.state}
          {part.reason !== '' && `: ${part.reason}`}
        </p>
      ))}
    </div>
  );
}

// Readings outlive the page that took them: coming back shows a rate at once.
let kept: Sample[] = [];

export function useHistory(ingestion: Ingestion | null, loaded_s: number | null): readonly Sample[] {
  const [samples, setSamples] = useState(kept);
  useEffect(() => {
    if (!ingestion || loaded_s === null) return;
    kept = addSample(kept, ingestion, loaded_s);
    setSamples(kept);
    // `ingestion` is made anew by every render; a new reading is a new `loaded_s`.
  }, [loaded_s]);
  return samples;
}
