"""A stand-in for Pulumi's AWS plugin, for tests: the types that the examples use, and no others.

It is a provider process named `aws`, as the programs of `pulumi_aws` ask for one, and carries the
calls out with boto3: so an unchanged example runs where the real plugin cannot be had, against
emulated AWS. Property names, ids and what replaces a resource are those of the real plugin.
"""
