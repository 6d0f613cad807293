"""A stand-in for Pulumi's AWS plugin, for tests: the types that the examples use, and no others.

It carries the calls out with boto3: so an unchanged example of `pulumi_aws` runs on emulated AWS
where the real plugin cannot be had. What it does not serve, it refuses by name.
"""
