export function IngestionPage() { return <h1 tabIndex={-1}>Ingestion</h1>; }
