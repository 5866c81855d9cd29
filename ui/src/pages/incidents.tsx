export function IncidentsPage() { return <h1 tabIndex={-1}>Incidents</h1>; }
