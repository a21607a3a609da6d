"""What the local AWS tells about what happened: logs; later metrics, traces, the audit trail."""
