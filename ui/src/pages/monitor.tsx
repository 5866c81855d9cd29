export function MonitorPage({ id }: { id: string }) { return <h1 tabIndex={-1}>Monitor {id}</h1>; }
