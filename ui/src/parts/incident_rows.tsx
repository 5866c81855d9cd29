// Incidents as a list of cards: title, whom it names, since when. Used by the overview and the incident list.
import { useNow } from '../api/resource';
import { formatSpan } from '../model/format';
import { durationOf, type Incident } from '../model/incidents';
import { Link } from '../router';
import { IncidentBadge, Named, Severity } from './badge';
import { Icon } from './icon';
import { TimeText } from './time_text';

export function IncidentRows({ incidents }: { incidents: readonly Incident[] }) {
  const now_s = useNow();
  return (
    <ul className="incidents" data-testid="incidents">
      {incidents.map((incident) => {
        const duration = durationOf(incident, now_s);
        return (
          <li key={incident.id} className={incident.open ? 'incident open' : 'incident'}>
            <Link to={`/incidents/${encodeURIComponent(incident.id)}`} className="incident-link">
              <span className="incident-head">
                <Severity severity={incident.severity} />
                <span className="incident-title">{incident.title}</span>
              </span>
              <span className="incident-facts">
                <Named values={incident.attributed} />
                <span className="incident-when">
                  {incident.open ? 'open for ' : 'lasted '}
                  <strong>{duration === null ? '–' : formatSpan(duration)}</strong>
                  <span className="muted">
                    , since <TimeText time_s={incident.opened_s} form="clock" />
                  </span>
                </span>
              </span>
            </Link>
            <IncidentBadge state={incident.state} open={incident.open} />
            <Icon name="arrow" className="incident-arrow" />
          </li>
        );
      })}
    </ul>
  );
}
