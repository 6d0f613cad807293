"""An Amazon WorkSpaces Pool as a Pulumi resource."""
