// The alerts that one incident stands for.
import { useResource } from '../api/resource';
import { incidentWorkPath } from '../api/work';
import { asNumber, asObject, asText, listIn } from '../model/json';
import { Link } from '../router';
import { Label } from './plain';
import { TimeText } from './time_text';

export function AlertsOf({ id }: { id: string }) {
  const answer = useResource<unknown>(incidentWorkPath(id, 'alerts'), { topics: ['incidents'] });
  const alerts = listIn(answer.data, 'alerts');
  if (alerts.length === 0) return null; // opened by hand, or an older server
  return (
    <ul className="alerts-of" data-testid="alerts-of">
      {alerts.map((raw, i) => {
        const alert = asObject(raw);
        const monitor = asNumber(alert['monitor_id']);
        const ended = asNumber(alert['ended_s']);
        return (
          <li key={i}>
            <span className={`badge badge-${ended === null ? 'bad' : 'good'}`}>{ended === null ? 'goes on' : 'over'}</span>{' '}
            <Link to={`/monitors/${monitor ?? ''}`}>
              <Label text={asText(alert['name']) || `monitor ${monitor ?? ''} (deleted)`} max={120} />
            </Link>{' '}
            <Label text={asText(alert['group'])} max={120} />{' '}
            <span className="muted">
              since <TimeText time_s={asNumber(alert['since_s'])} form="clock" />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
