export function MonitorsPage() { return <h1 tabIndex={-1}>Monitors</h1>; }
