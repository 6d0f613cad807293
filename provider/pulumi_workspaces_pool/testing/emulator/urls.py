"""Where moto sends the calls of WorkSpaces, in the form that moto's packages have it."""

from moto.workspaces.urls import url_bases

from .responses import WorkSpacesPoolsResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {
    "{0}/$": WorkSpacesPoolsResponse.dispatch,
    "{0}/service/WorkspacesService/operation/(?P<operation>[^/]+)$": (
        WorkSpacesPoolsResponse.dispatch
    ),
}
