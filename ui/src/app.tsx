// The frame around every page: navigation, live state, the key dialog, and the page of the current route.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLiveStatus, useResource } from './api/resource';
import { useSession } from './api/session';
import type { IncidentsAnswer } from './api/types';
import { kIncidentsPath, openIncidents } from './model/incidents';
import { ErrorBoundary } from './parts/error_boundary';
import { Icon, type IconName } from './parts/icon';
import { KeyDialog } from './parts/key_dialog';
import { EmptyState } from './parts/states';
import { WhoAmI } from './parts/who_am_i';
import { AccessPage } from './pages/access';
import { SessionsPage, UsersPage } from './pages/activities';
import { BlocksPage } from './pages/blocks';
import { CallPage } from './pages/call';
import { CallsPage } from './pages/calls';
import { CasePage } from './pages/case';
import { CasesPage } from './pages/cases';
import { DowntimesPage } from './pages/downtimes';
import { ErrorsPage } from './pages/errors';
import { ExplorerPage } from './pages/explorer';
import { GuardPage } from './pages/guard';
import { IncidentPage } from './pages/incident';
import { IncidentsPage } from './pages/incidents';
import { IngestionPage } from './pages/ingestion';
import { MonitorPage } from './pages/monitor';
import { MonitorEditPage } from './pages/monitor_edit';
import { MonitorsPage } from './pages/monitors';
import { NotificationsPage } from './pages/notifications';
import { OverviewPage } from './pages/overview';
import { PlaygroundPage } from './pages/playground';
import { ProvidersPage } from './pages/providers';
import { ServiceMapPage } from './pages/service_map';
import { ShadowPage } from './pages/shadow';
import { SignInPage } from './pages/sign_in';
import { SystemPage } from './pages/system';
import { TracePage } from './pages/trace';
import { TracesPage } from './pages/traces';
import { Link, matchRoute, usePath, type Route } from './router';

interface NavItem {
  to: string;
  label: string;
  icon: IconName;
  pages: readonly Route['page'][];
  thumb?: boolean; // stays in the bar of a phone; the rest is behind "More"
}

interface NavGroup {
  name: string; // '' needs no heading
  items: readonly NavItem[];
}

// In the order of a night: is something wrong, what happened, what did the gateway do, does everything arrive.
const kNav: readonly NavGroup[] = [
  {
    name: '',
    items: [
      { to: '/', label: 'Overview', icon: 'overview', pages: ['overview'], thumb: true },
      { to: '/incidents', label: 'Incidents', icon: 'incident', pages: ['incidents', 'incident'], thumb: true },
      { to: '/cases', label: 'Cases', icon: 'cases', pages: ['cases', 'case'] },
      { to: '/monitors', label: 'Monitors', icon: 'monitor', pages: ['monitors', 'monitor', 'monitor-edit'], thumb: true },
      { to: '/downtimes', label: 'Downtimes', icon: 'mute', pages: ['downtimes'] },
      { to: '/notifications', label: 'Notifications', icon: 'mail', pages: ['notifications'] },
    ],
  },
  {
    name: 'Look into',
    items: [
      { to: '/explorer', label: 'Explorer', icon: 'explorer', pages: ['explorer'] },
      { to: '/traces', label: 'Traces', icon: 'traces', pages: ['traces', 'trace'], thumb: true },
      { to: '/sessions', label: 'Sessions', icon: 'sessions', pages: ['sessions'] },
      { to: '/users', label: 'Users', icon: 'users', pages: ['users'] },
      { to: '/service-map', label: 'Service map', icon: 'map', pages: ['service-map'] },
      { to: '/errors', label: 'Errors', icon: 'errors', pages: ['errors'] },
    ],
  },
  {
    name: 'Gateway',
    items: [
      { to: '/gateway', label: 'Live calls', icon: 'calls', pages: ['gateway', 'call'] },
      { to: '/blocks', label: 'Blocks', icon: 'block', pages: ['blocks'] },
      { to: '/providers', label: 'Providers', icon: 'provider', pages: ['providers'] },
      { to: '/shadow', label: 'Shadow mode', icon: 'shadow', pages: ['shadow'] },
      { to: '/playground', label: 'Playground', icon: 'playground', pages: ['playground'] },
    ],
  },
  {
    name: 'Check',
    items: [
      { to: '/guard', label: 'Guard', icon: 'guard', pages: ['guard'] },
      { to: '/ingestion', label: 'Ingestion', icon: 'ingestion', pages: ['ingestion'] },
      { to: '/system', label: 'System', icon: 'system', pages: ['system'] },
      { to: '/access', label: 'Access', icon: 'key', pages: ['access'] },
    ],
  },
];
const kNavItems = kNav.flatMap((group) => group.items);

// Nobody sees a page before the server said who they are. The address stays as it is: after signing in one is where one
// wanted to go.
export function App() {
  const session = useSession();
  if (!session.known) return null;
  if (!session.signedIn && session.people) return <SignInPage />;
  return <Frame />;
}

function Frame() {
  const path = usePath();
  const route = matchRoute(path);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const incidents = useResource<IncidentsAnswer>(kIncidentsPath, { topics: ['incidents'] });
  const open = openIncidents(incidents.data).length;
  const [more, setMore] = useState(false); // of the menu on a phone

  // After a change of page the keyboard and a screen reader start at its heading, as after loading a document.
  useEffect(() => {
    setMore(false);
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [path]);

  useEffect(() => {
    const name = kNavItems.find((item) => item.pages.includes(route.page))?.label ?? 'Not found';
    document.title = `${open > 0 ? `(${open}) ` : ''}${name} · Godseye`;
  }, [route.page, open]);

  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(event) => skipTo(event, main.current)}>
        Skip to the page
      </a>
      <header className="side">
        <Link to="/" className="brand" aria-label="Godseye, overview">
          <Icon name="eye" />
          <span>Godseye</span>
        </Link>
        <nav aria-label="Pages" className={more ? 'nav open' : 'nav'} onClick={(event) => closesMenu(event) && setMore(false)}>
          {kNav.map((group) => (
            <div key={group.name} className="nav-group" role="group" aria-label={group.name || 'First'}>
              {group.name !== '' && (
                <p className="nav-heading" aria-hidden="true">
                  {group.name}
                </p>
              )}
              {group.items.map((item) => (
                <NavLink key={item.to} item={item} current={item.pages.includes(route.page)} open={item.to === '/incidents' ? open : 0} />
              ))}
            </div>
          ))}
          <button type="button" className="nav-item nav-more" aria-expanded={more} onClick={() => setMore(!more)}>
            <Icon name="more" />
            <span className="nav-label">More</span>
          </button>
        </nav>
        <WhoAmI />
        <LivePill />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <ErrorBoundary key={path}>{pageOf(route)}</ErrorBoundary>
      </main>
      <KeyDialog />
    </div>
  );
}

function NavLink({ item, current, open }: { item: NavItem; current: boolean; open: number }) {
  return (
    <Link to={item.to} className={item.thumb ? 'nav-item thumb' : 'nav-item'} aria-current={current ? 'page' : undefined}>
      <Icon name={item.icon} />
      <span className="nav-label">{item.label}</span>
      {open > 0 && (
        <span className="nav-count" aria-label={`${open} open`}>
          {open}
        </span>
      )}
    </Link>
  );
}

function closesMenu(event: { target: EventTarget }): boolean {
  return (event.target as HTMLElement).closest('a') !== null;
}

function skipTo(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'explorer':
      return <ExplorerPage />;
    case 'monitors':
      return <MonitorsPage />;
    case 'monitor':
      return <MonitorPage key={route.id} id={route.id} />;
    case 'monitor-edit':
      return <MonitorEditPage key={route.id} id={route.id} />;
    case 'system':
      return <SystemPage />;
    case 'incidents':
      return <IncidentsPage />;
    case 'incident':
      return <IncidentPage key={route.id} id={route.id} />;
    case 'cases':
      return <CasesPage />;
    case 'case':
      return <CasePage key={route.id} id={route.id} />;
    case 'guard':
      return <GuardPage />;
    case 'ingestion':
      return <IngestionPage />;
    case 'gateway':
      return <CallsPage />;
    case 'call':
      return <CallPage key={route.id} id={route.id} />;
    case 'downtimes':
      return <DowntimesPage />;
    case 'notifications':
      return <NotificationsPage />;
    case 'blocks':
      return <BlocksPage />;
    case 'providers':
      return <ProvidersPage />;
    case 'shadow':
      return <ShadowPage />;
    case 'access':
      return <AccessPage />;
    case 'playground':
      return <PlaygroundPage />;
    case 'sessions':
      return <SessionsPage />;
    case 'users':
      return <UsersPage />;
    case 'service-map':
      return <ServiceMapPage />;
    case 'errors':
      return <ErrorsPage />;
    case 'traces':
      return <TracesPage />;
    case 'trace':
      return <TracePage key={route.id} id={route.id} />;
    case 'unknown':
      return (
        <>
          <h1 tabIndex={-1}>Not found</h1>
          <EmptyState title="There is no page at this address">
            Go to the <Link to="/">overview</Link>, or choose a page from the menu.
          </EmptyState>
        </>
      );
  }
}

function LivePill() {
  const status = useLiveStatus();
  const text = { live: 'Live', connecting: 'Connecting', reconnecting: 'Reconnecting' }[status];
  const hint =
    status === 'live'
      ? 'Changes appear as they happen.'
      : 'The live stream is not open; pages refresh every 10 seconds meanwhile.';
  return (
    <div className={`live live-${status}`} role="status" title={hint} data-testid="live">
      <span className="live-dot" aria-hidden="true" />
      <span className="live-text">{text}</span>
    </div>
  );
}
