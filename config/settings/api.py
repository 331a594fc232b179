"""Settings of the API: how it authenticates, answers, and describes itself."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.ActorSessionAuthentication",
    ],
    # A view that declares no policy answers nobody.
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.PolicyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.api.PageNumbers",
    "DEFAULT_SCHEMA_CLASS": "accounts.schema.PolicySchema",
    "EXCEPTION_HANDLER": "common.problems.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Puhui 普惠算力",
    "DESCRIPTION": "Marketplace and voucher ledger for inclusive computing",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    # One name for each set of values, whatever the field that carries it.
    "ENUM_NAME_OVERRIDES": {
        "OrganizationKindEnum": "accounts.models.OrganizationKind",
        "SizeEnum": "accounts.models.Size",
        "RoleEnum": "accounts.models.Role",
        "PermissionEnum": "accounts.permissions.Permission",
        "VerdictEnum": "common.components.Verdict",
        "ProviderStatusEnum": "providers.models.ProviderStatus",
        "FacilityKindEnum": "providers.models.FacilityKind",
        "SubscriptionStatusEnum": "providers.models.SubscriptionStatus",
        "LayerEnum": "providers.models.Layer",
        "MeterEnum": "providers.models.Meter",
        "OfferingStatusEnum": "providers.models.OfferingStatus",
        "VoucherKindEnum": "vouchers.grants.models.VoucherKind",
        "RefusalEnum": "vouchers.grants.rules.refusals.REFUSALS",
        "SchemeStatusEnum": "vouchers.grants.models.SchemeStatus",
        "ApplicationStatusEnum": "vouchers.grants.models.ApplicationStatus",
        "ReviewStageEnum": "vouchers.grants.models.ReviewStage",
        "ReviewOutcomeEnum": "vouchers.grants.models.ReviewOutcome",
        "EvidenceKindEnum": "vouchers.grants.models.EvidenceKind",
        "SupplementStatusEnum": "vouchers.grants.models.SupplementStatus",
        "VoucherStatusEnum": "vouchers.grants.models.VoucherStatus",
        "ClaimStatusEnum": "vouchers.audit.models.ClaimStatus",
        "SettlementStatusEnum": "vouchers.audit.models.SettlementStatus",
        "PaymentStatusEnum": "vouchers.audit.models.PaymentStatus",
        "BillStatusEnum": "vouchers.billing.models.BillStatus",
        "StageEnum": "marketplace.catalog.models.Stage",
        "BundleStatusEnum": "marketplace.catalog.models.BundleStatus",
        "OperatedByEnum": "marketplace.catalog.models.OperatedBy",
        "OrderStatusEnum": "marketplace.orders.models.OrderStatus",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.schema.add_problem",
    ],
}
