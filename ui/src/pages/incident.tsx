export function IncidentPage({ id }: { id: string }) { return <h1 tabIndex={-1}>Incident {id}</h1>; }
