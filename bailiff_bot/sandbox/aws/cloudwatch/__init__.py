"""CloudWatch of the sandbox: hourly metrics of the instances, and GetMetricData, which reads them."""
