"""The columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification) and the words they take.

The columns that this market has no use for (commitments, reservations, zones, tags) are there and
empty, as the specification has it for what does not apply.
"""

VERSION = "1.2"

COLUMNS = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName",
    "BillingAccountType", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "CapacityReservationId", "CapacityReservationStatus", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity",
    "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory",
    "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName",
    "SubAccountType", "Tags",
)  # fmt: skip
CUSTOM = (
    "x_BillingAccountName", "x_ChargeDescription", "x_ProviderName", "x_ServiceName", "x_VoucherId",
)  # fmt: skip
"""Our own columns: names and descriptions in Chinese, which those of FOCUS keep in ASCII."""

SERVICES = {
    "compute": ("Compute", "Other (Compute)", "Compute service"),
    "storage": ("Storage", "Other (Storage)", "Storage service"),
    "network": ("Networking", "Other (Networking)", "Network service"),
    "platform": ("AI and Machine Learning", "Generative AI", "Model service"),
    "application": (
        "Business Applications",
        "Other (Business Applications)",
        "Application service",
    ),
    "dataset": ("Analytics", "Other (Analytics)", "Data service"),
}
"""Layer -> category, subcategory and name of the service; each name has one category."""

_TOKENS = ("1000000 Tokens", "Tokens")
UNITS = {
    "input_tokens": _TOKENS,
    "cached_tokens": _TOKENS,
    "output_tokens": _TOKENS,
    "reasoning_tokens": _TOKENS,
    "card_seconds": ("Card-Hours", "Card-Seconds"),
    "core_seconds": ("Core-Hours", "Core-Seconds"),
    "storage_mb_seconds": ("GB-Months", "MB-Seconds"),
    "transfer_bytes": ("GB", "B"),
    "line_mbps_seconds": ("Mbps-Months", "Mbps-Seconds"),
    "calls": ("Calls", "Calls"),
    "images": ("Images", "Images"),
}
"""Meter -> unit of prices and unit of what was consumed, in the specification's unit format."""

METERS = {
    "input_tokens": "Input tokens",
    "cached_tokens": "Cached input tokens",
    "output_tokens": "Output tokens",
    "reasoning_tokens": "Reasoning tokens",
    "card_seconds": "Card time",
    "core_seconds": "Core time",
    "storage_mb_seconds": "Storage",
    "transfer_bytes": "Data moved",
    "line_mbps_seconds": "Line",
    "calls": "Calls",
    "images": "Images",
}
"""What a SKU measures."""
